# SPDX-License-Identifier: MIT
# cmake -DOUT=FILE.c -DPAGES=a/vote.html;a/check.html -P embed.cmake: the pages, each with its
# NAME.csp beside it, as a C file for receiver/embedded.h. In place of one that was not assembled
# stands a page that says so.
set(text "/* Made by receiver/embed.cmake. */\n#include \"receiver/embedded.h\"\n")
foreach(name vote check)
  set(page ${PAGES})
  list(FILTER page INCLUDE REGEX "/${name}\\.html$")
  if(page)
    file(READ ${page} hex HEX)
    string(REGEX REPLACE "\\.html$" ".csp" csp ${page})
    file(READ ${csp} csp)
  else()
    string(HEX "<!doctype html><title>Votepost</title><p>Built without this page.\
<script type=\"text/plain\" id=\"manifest\">@MANIFEST@</script>\n" hex)
    set(csp "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='")
  endif()
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REGEX MATCHALL "'sha(256|384|512)-[A-Za-z0-9+/=]+'" hashes "${csp}")
  list(JOIN hashes " " hashes)
  string(APPEND text "\nstatic const unsigned char bytes_of_${name}[] = {\n${bytes}\n};\n"
    "const struct embedded embedded_${name} = { bytes_of_${name}, sizeof(bytes_of_${name}),\n"
    "\t\"${hashes}\" };\n")
endforeach()
file(WRITE ${OUT} "${text}")

/* SPDX-License-Identifier: MIT */
#include "scrutineer/wording.h"

static const struct phrase phrases[] = {
	{ "roll", "corps électoral" },
	{ "sealed", "scellé" },
	{ "credentials", "titres" },
	{ "issued", "émis" },
	{ "replaced", "remplacés" },
	{ "reasons", "motifs" },
	{ "states", "états" },
	{ "sent", "envoyés" },
	{ "attendance", "émargement" },
	{ "size", "taille" },
	{ "used", "utilisés" },
	{ "channel reply", "mode réponse simple" },
	{ "channel sealed-reply", "mode réponse scellée" },
	{ "channel link", "mode page web" },
	{ "channels", "modes" },
	{ "board", "tableau" },
	{ "weights", "poids" },
	{ "issued (board)", "émis (tableau)" },
	{ "members (roll)", "inscrits (liste)" },
	{ "renewed (board)", "renouvelés (tableau)" },
	{ "members (journal)", "inscrits (journal)" },
	{ "issued (journal)", "émis (journal)" },
	{ "issued (ledger)", "émis (registre)" },
	{ "replaced (ledger)", "remplacés (registre)" },
	{ "replaced (board)", "remplacés (tableau)" },
	{ "lost", "perte" },
	{ "undelivered", "non-remise" },
	{ "address", "adresse" },
	{ "stolen", "vol" },
	{ "mistake", "erreur" },
	{ "rotation", "renouvellement" },
	{ "planned", "prévues" },
	{ "in flight", "en cours" },
	{ "accepted", "acceptées" },
	{ "deferred", "différées" },
	{ "refused", "refusées" },
	{ "uncertain", "incertaines" },
	{ "used (board)", "utilisés (tableau)" },
	{ "used meanwhile", "utilisés entre-temps" },
	{ "voted (journal)", "votants (journal)" },
	{ "lines (funnel)", "lignes (entonnoir)" },
	{ "lines (board)", "lignes (tableau)" },
	{ "counted (funnel)", "comptés (entonnoir)" },
	{ "ballots (board)", "bulletins (tableau)" },
	{ "reply", "réponse simple" },
	{ "sealed-reply", "réponse scellée" },
	{ "link", "page web" },
	{ "unused", "inutilisés" },
	{ "weight of the ballots", "poids des bulletins" },
	{ "by classes of the roll", "par classes du corps électoral" },
	{ "expressed", "exprimés" },
	{ "blank", "blancs" },
	{ "marks", "marques" },
	{ "the most allowed", "maximum admis" },
	{ "the least asked for", "minimum exigé" },
	{ "members", "inscrits" },
	{ "trustees", "dépositaires" },
	{ "officers", "officiers" },
	{ "threshold", "seuil" },
	{ "lines", "lignes" },
	{ "voted", "votants" },
	{ "hard", "adresses inexistantes" },
	{ "full", "boîtes pleines" },
	{ "policy", "refusés" },
	{ "soft", "provisoires" },
	{ "delayed", "retardés" },
	{ "reports of what did not arrive", "selon leur motif" },
	{ "keys", "clés" },
	{ "the keys were drawn", "les clés ont été tirées" },
	{ "members were imported", "" },
	{ "credentials and handles were written", "titres et marques de réponse écrits" },
	{ "letters by outcome", "lettres selon leur sort" },
	{ "an address was changed", "" },
	{ "a fresh token key", "une nouvelle clé des jetons" },
	{ "replaced lines found on the board", "" },
	{ "after the close", "après la clôture" },
	{ "before the close", "avant la clôture" },
	{ "the token keys were destroyed", "" },
	{ "notices by outcome", "selon leur sort" },
	{ "before the letters by outcome", "avant les lettres, selon leur sort" },
	{ "a later closing time by outcome", "nouvelle clôture, selon leur sort" },
	{ "to old addresses by outcome", "aux anciennes adresses, selon leur sort" },
	{ "reminder * by outcome", "rappel *, selon leur sort" },
	{ "until *", "jusqu’à *" },
	{ "*, by officers * and *", "*, par les officiers * et *" },
	{ NULL, NULL },
};

const struct wording wording_fr = {
	.language = "fr",
	.word = {
		[WORD_TITLE] = "Procès-verbal du scrutin",
		[WORD_TEST_BANNER] = 
			"ESSAI. Il s’agit d’une répétition : rien n’a été élu ni décidé.",
		[WORD_STAGE_OPEN] = 
			"Le scrutin est encore ouvert. Ce procès-verbal est provisoire et ne contient aucun "
			"résultat.",
		[WORD_STAGE_CLOSED] = 
			"Le scrutin est clos mais n’est pas encore dépouillé. Ce procès-verbal est "
			"provisoire et ne contient aucun résultat.",
		[WORD_STAGE_FEW] = 
			"Bulletins à la clôture : {1}, moins que les {2} en dessous desquels rien ne peut "
			"être dépouillé. Le scrutin ne le sera jamais : aucun dépositaire ne peut le "
			"déchiffrer.",
		[WORD_STAGE_DIFFERENCES] = 
			"Égalités qui devraient être vérifiées et ne le sont pas : {1}. Elles sont signalées "
			"dans la réconciliation ci-dessous ; le bureau doit expliquer chacune avant de "
			"signer.",
		[WORD_FIGURE_MEMBERS] = "inscrits",
		[WORD_FIGURE_VOTERS] = "votants",
		[WORD_FIGURE_TURNOUT] = "participation",
		[WORD_FIGURE_DELIVERY] = "lettres remises",
		[WORD_H_ELECTION] = "L’élection",
		[WORD_ORGANISER] = "Organisateur",
		[WORD_FINGERPRINT] = "Empreinte",
		[WORD_ID] = "Identifiant",
		[WORD_OPENS] = "Ouverture",
		[WORD_CLOSES] = "Clôture",
		[WORD_ROLL] = "Corps électoral",
		[WORD_ROLL_MEMBERS] = "{1} inscrits",
		[WORD_ROLL_WEIGHTS] = "{1} inscrits, d’un poids total de {2} : {3}",
		[WORD_ROLL_CLASS] = "{1} de poids {2}",
		[WORD_CHANNELS] = "Modes de vote",
		[WORD_CHANNEL_REPLY] = "réponse simple par courriel",
		[WORD_CHANNEL_SEALED] = "réponse scellée par courriel",
		[WORD_CHANNEL_LINK] = "page web",
		[WORD_FACTOR] = "Second facteur",
		[WORD_FACTOR_YES] = "demandé, en plus de la lettre",
		[WORD_FACTOR_NO] = "aucun : la lettre suffit",
		[WORD_MIN_BALLOTS] = "Bulletins au minimum",
		[WORD_MIN_BALLOTS_VALUE] = "{1} ; en dessous, rien n’est dépouillé",
		[WORD_MIN_BALLOTS_RISK] = 
			"Avec si peu de bulletins, un résultat peut révéler le vote de chacun : un résultat "
			"unanime dit le choix de tous, et qui connaît une partie des bulletins en déduit les "
			"autres.",
		[WORD_WAIVER] = 
			"Les réponses simples étaient admises. Toute personne appelée à voter a pu lire "
			"avant de le faire :",
		[WORD_H_BUREAU] = "Le bureau",
		[WORD_PLACE] = "Lieu",
		[WORD_REMARKS] = "Observations",
		[WORD_BUREAU_NAME] = "Nom",
		[WORD_BUREAU_ROLE] = "Qualité",
		[WORD_BUREAU_KEY] = "Signe avec",
		[WORD_BUREAU_PAPER] = "sur papier",
		[WORD_H_OPENING] = "Ouverture",
		[WORD_OPENING_NONE] = 
			"Le dossier ne contient aucune déclaration d’ouverture du récepteur : rien ne montre "
			"ici quels programmes tournaient ni que l’urne était vide.",
		[WORD_OPENING_AT] = "Urne créée",
		[WORD_OPENING_EMPTY] = "L’urne à sa création",
		[WORD_OPENING_EMPTY_VALUE] = "0 bulletin, tête {1} sur {2} lignes",
		[WORD_OPENING_DEFINITION] = "Condensé de la définition",
		[WORD_OPENING_PROGRAM] = "Condensé de {1}",
		[WORD_OPENING_CHANGED] = "Programmes changés",
		[WORD_OPENING_CHANGED_VALUE] = "{1}, à {2} lignes, tête {3}",
		[WORD_REHEARSAL] = "Répétition",
		[WORD_REHEARSAL_NONE] = "ouvert sans répétition",
		[WORD_REHEARSAL_TEST] = "aucune : cette élection est elle-même un essai",
		[WORD_REHEARSAL_DONE] = "élection {1}, jusqu’au dépouillement",
		[WORD_REHEARSAL_ROOT] = "Racine de clôture de la répétition",
		[WORD_FIRST_TIME] = "Première heure au tableau",
		[WORD_H_COURSE] = "Déroulement du scrutin",
		[WORD_CLOSES_FIRST] = "Clôture annoncée",
		[WORD_CLOSES_MOVED] = "Prolongation",
		[WORD_CLOSES_MOVED_VALUE] = "jusqu’au {1}, publiée après le {2}",
		[WORD_CLOSES_MOVED_EARLY] = "jusqu’au {1}, publiée avant l’ouverture",
		[WORD_CLOSES_NOT_MOVED] = "Prolongations",
		[WORD_NONE] = "aucune",
		[WORD_BALLOTS] = "Bulletins",
		[WORD_BALLOTS_OF] = "{1} pour {2} inscrits ({3})",
		[WORD_WEIGHT] = "Poids des bulletins",
		[WORD_WEIGHT_OF] = "{1} sur {2} ({3})",
		[WORD_TURNOUT_HOUR] = "Bulletins par heure (UTC)",
		[WORD_TURNOUT_DAY] = "Bulletins par jour (UTC)",
		[WORD_HOUR] = "Heure entamée",
		[WORD_DAY] = "Jour",
		[WORD_TOTAL] = "Cumul",
		[WORD_TURNOUT_ONCE] = "Tous les bulletins sont arrivés dans la même heure.",
		[WORD_BY_CHANNEL] = "Bulletins par mode de vote",
		[WORD_H_DELIVERY] = "Lettres",
		[WORD_DELIVERY] = 
			"Les lettres de {1} inscrits sur {2} ont été acceptées par leur serveur de "
			"courriel : {3}. Une lettre acceptée peut encore avoir été filtrée ou ne pas avoir "
			"été lue.",
		[WORD_DELIVERY_STATES] = "Inscrits par état de leur lettre",
		[WORD_STATE_PLANNED] = "non envoyée",
		[WORD_STATE_IN_FLIGHT] = "en cours d’envoi",
		[WORD_STATE_ACCEPTED] = "acceptée",
		[WORD_STATE_DEFERRED] = "différée par le serveur",
		[WORD_STATE_REFUSED] = "refusée par le serveur",
		[WORD_STATE_UNCERTAIN] = "incertaine",
		[WORD_BOUNCED] = "Revenues ensuite : {1} d’une adresse qui n’existe pas, {2} d’une "
			"boîte pleine, {3} refusées comme indésirables ou bloquées, {4} pour une "
			"autre raison. Avis de retard : {5}.",
		[WORD_BOUNCED_NONE] = 
			"Revenues ensuite : 0. Le journal ne contient aucune ligne sur des courriels revenus.",
		[WORD_REJECTED] = "Ce qui est parvenu à l’urne sans être compté",
		[WORD_VERDICT] = "Motif",
		[WORD_NUMBER] = "Nombre",
		[WORD_VERDICT_USED] = "jeton déjà utilisé",
		[WORD_VERDICT_REPLACED] = "jeton remplacé",
		[WORD_VERDICT_UNKNOWN] = "jeton inconnu",
		[WORD_VERDICT_NO_TOKEN] = "sans jeton",
		[WORD_VERDICT_NO_CHOICE] = "sans choix",
		[WORD_VERDICT_AMBIGUOUS] = "plusieurs lectures possibles",
		[WORD_VERDICT_INVALID] = "non valable",
		[WORD_VERDICT_CHANNEL] = "par un mode non admis",
		[WORD_VERDICT_UNREADABLE] = "illisible",
		[WORD_VERDICT_AUTOMATIC] = "réponse automatique",
		[WORD_VERDICT_BOUNCE] = "avis de non-remise",
		[WORD_VERDICT_EARLY] = "avant l’ouverture",
		[WORD_VERDICT_LATE] = "après la clôture",
		[WORD_VERDICT_LARGE] = "trop volumineux",
		[WORD_H_INTERVENTIONS] = "Interventions",
		[WORD_INTERVENTIONS] = 
			"Chaque usage des clés de l’expéditeur, d’après son journal signé de {1} lignes. Une "
			"ligne retirée ou modifiée aurait été détectée.",
		[WORD_TIME] = "Heure (UTC)",
		[WORD_EVENT] = "Ce qui a été fait",
		[WORD_COUNTS] = "Nombres",
		[WORD_TIMES] = "{1} fois, la dernière le {2}",
		[WORD_MORE] = "Autres lignes, qui se trouvent dans ledger.ndjson : {1}.",
		[WORD_EVENT_NEW] = "élection créée",
		[WORD_EVENT_ROLL] = "liste lue",
		[WORD_EVENT_UNLOCK] = "clés déverrouillées",
		[WORD_EVENT_SEAL] = "manifeste scellé",
		[WORD_EVENT_ISSUE] = "titres émis",
		[WORD_EVENT_SEND] = "lettres envoyées",
		[WORD_EVENT_REMIND] = "rappels envoyés",
		[WORD_EVENT_NOTIFY] = "avis de vote envoyés",
		[WORD_EVENT_ANNOUNCE] = "annonce envoyée",
		[WORD_EVENT_REISSUE] = "jeton remplacé",
		[WORD_EVENT_ADDRESS] = "adresse modifiée",
		[WORD_EVENT_ROTATE] = "tous les jetons inutilisés remplacés",
		[WORD_EVENT_STAND] = "remplacements constatés au tableau",
		[WORD_EVENT_EXTEND] = "clôture reportée",
		[WORD_EVENT_ATTENDANCE] = "liste d’émargement établie",
		[WORD_EVENT_BOUNCE] = "courriels revenus lus",
		[WORD_EVENT_FORGET] = "clés des jetons détruites",
		[WORD_FORGOTTEN] = 
			"Les clés des jetons ont été détruites : personne ne peut refaire ces jetons.",
		[WORD_NOT_FORGOTTEN] = 
			"Les clés des jetons n’étaient pas détruites lorsque le journal a été exporté.",
		[WORD_H_REPLACEMENTS] = "Remplacements",
		[WORD_REPLACEMENTS_NONE] = "Aucun jeton n’a été remplacé.",
		[WORD_REPLACEMENTS] = 
			"Jetons remplacés, qui ne peuvent plus voter : {1}. Jetons utilisés avant que leur "
			"remplacement atteigne le tableau, qui restent valables : {2}.",
		[WORD_REASON] = "Motif",
		[WORD_REASON_LOST] = "lettre perdue",
		[WORD_REASON_UNDELIVERED] = "lettre non remise",
		[WORD_REASON_ADDRESS] = "adresse modifiée",
		[WORD_REASON_STOLEN] = "jeton volé",
		[WORD_REASON_MISTAKE] = "envoyée à la mauvaise personne",
		[WORD_REASON_ROTATION] = "tous les inutilisés remplacés",
		[WORD_H_INCIDENTS] = "Incidents",
		[WORD_INCIDENTS_NONE] = "Le bureau n’a noté aucun incident.",
		[WORD_INCIDENT] = "Incident {1}",
		[WORD_INCIDENT_AT] = "Quand",
		[WORD_INCIDENT_TEXT] = "Quoi",
		[WORD_INCIDENT_DECISION] = "Décision",
		[WORD_H_CLOSING] = "Clôture",
		[WORD_CLOSED_AT] = "Clos le",
		[WORD_CLOSED_LINES] = "Tableau",
		[WORD_CLOSED_LINES_VALUE] = "{1} lignes, {2} bulletins",
		[WORD_CLOSED_ROOT] = "Racine de clôture",
		[WORD_NOW_ROOT] = "Racine du tableau en l’état",
		[WORD_ROOT_SHORT] = "La même, à lire à voix haute",
		[WORD_HEAD_AT] = "Tête signée du récepteur",
		[WORD_HEAD_VALUE] = "{1}, sur {2} lignes",
		[WORD_H_COUNT] = "Dépouillement",
		[WORD_TRUSTEES] = 
			"Il faut {1} dépositaires sur {2} pour dépouiller. Aucun bulletin n’a été ouvert "
			"seul : seules les sommes l’ont été.",
		[WORD_TRUSTEE] = "Dépositaire",
		[WORD_TRUSTEE_PART] = "Part au dépouillement",
		[WORD_TRUSTEE_GOOD] = "a pris part ; preuve valable",
		[WORD_TRUSTEE_BAD] = "écarté ; preuve non valable",
		[WORD_TRUSTEE_NONE] = "n’a pas pris part",
		[WORD_NOT_COUNTED] = "Il n’y a pas de résultat.",
		[WORD_EXPRESSED] = "Exprimés",
		[WORD_BLANK] = "Blancs",
		[WORD_BLANK_NO] = "non proposés",
		[WORD_FIGURE_SHARE] = "Part",
		[WORD_QUESTION_MAX] = 
			"Jusqu’à {1} choix par bulletin ; les parts se rapportent aux bulletins exprimés et "
			"leur somme peut dépasser 100 %.",
		[WORD_MAJORITY_GRADE] = "Mention majoritaire",
		[WORD_MAJORITY_NOTE] = 
			"La mention majoritaire est la meilleure mention que plus de la moitié des bulletins "
			"attribue ou dépasse.",
		[WORD_OPTION] = "Option",
		[WORD_H_RECONCILIATION] = "Réconciliation",
		[WORD_RECONCILIATION] = 
			"Chaque total est obtenu de deux façons : d’après ce que l’expéditeur et le "
			"récepteur ont signé, et d’après le tableau public. Égalités : {1}. Écarts : {2}.",
		[WORD_SUM] = "Égalité",
		[WORD_SUM_LEFT] = "Ceci",
		[WORD_SUM_TERMS] = "égale",
		[WORD_SUM_MOST] = "au plus",
		[WORD_SUM_ANSWER] = "Vérifié",
		[WORD_YES] = "oui",
		[WORD_NO] = "NON",
		[WORD_H_VERIFY] = "Comment chacun peut vérifier",
		[WORD_VERIFY_1] = 
			"Hormis les mots du bureau, tout ici découle de fichiers publics : le dossier du "
			"scrutin, ledger.ndjson et funnel.json. Qui les possède n’a besoin ni d’autorisation "
			"ni de connexion :",
		[WORD_VERIFY_2] = 
			"La racine affichée par verify doit être celle ci-dessus. Qui a gardé son reçu peut "
			"retrouver son bulletin ; qui a gardé une tête pendant le scrutin peut montrer que "
			"les bulletins qu’elle couvre y sont toujours :",
		[WORD_VERIFY_3] = 
			"Ce procès-verbal ressort identique, octet pour octet, lorsqu’il est refait à partir "
			"des mêmes fichiers. Les signatures se vérifient avec :",
		[WORD_H_LIMITS] = "Ce que ce procès-verbal ne prouve pas",
		[WORD_LIMIT_1] = 
			"Le vote par internet comporte des risques qu’aucun programme ne supprime. Les "
			"autorités en sécurité électorale jugent le renvoi de bulletins par courriel ou par "
			"le web à haut risque, même avec toutes les précautions.",
		[WORD_LIMIT_2] = 
			"Des scrutins ont été annulés parce que des lettres n’étaient pas arrivées, ou que "
			"des boîtes n’étaient pas privées. Le taux de remise ci-dessus fait partie de "
			"l’appréciation de ce scrutin.",
		[WORD_LIMIT_3] = 
			"Qui pouvait lire la boîte d’un membre pouvait voter à sa place, sauf si un second "
			"facteur était demandé.",
		[WORD_LIMIT_4] = 
			"Rien ne protège de la pression ou de l’achat de voix une personne qui vote chez "
			"elle.",
		[WORD_LIMIT_5] = 
			"Un téléphone ou un ordinateur infecté pouvait observer un vote, ou le modifier "
			"avant qu’il soit scellé.",
		[WORD_LIMIT_6] = 
			"Le secret des votes suppose que moins de {1} dépositaires s’entendent ; que seuls "
			"des membres aient voté suppose la loyauté de qui tenait les clés de l’expéditeur.",
		[WORD_LIMIT_7] = 
			"Une réponse simple n’est jamais secrète : chaque serveur sur son chemin pouvait la "
			"lire.",
		[WORD_LIMIT_8] = 
			"La vérification ne protège que si des votants et des tiers la font réellement.",
		[WORD_LIMIT_9] = 
			"Certains membres ne lisent jamais leur lettre. Il faut leur offrir un autre moyen "
			"de voter.",
		[WORD_LIMIT_10] = 
			"Rien de ceci n’est une certification. Là où la loi exige un expert indépendant, il "
			"reste nécessaire.",
		[WORD_H_SIGNATURES] = "Signatures",
		[WORD_SIGNATURES] = "Lu, trouvé conforme et signé à {1}, le",
		[WORD_GLYPHS] = 
			"Les caractères absents de la police de la version imprimée y apparaissent comme une "
			"case ; les versions texte et web les contiennent.",
		[WORD_THOUSANDS] = " ",
		[WORD_POINT] = ",",
		[WORD_PERCENT] = "{1} %",
		[WORD_COLON] = " : ",
	},
	.phrase = phrases,
};

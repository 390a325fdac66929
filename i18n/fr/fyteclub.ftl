### Tous les textes de la fenêtre et de la zone de notification.

## Nombres
decimal-separator = ,
group-separator = { " " }
size-b = { $n } o
size-kib = { $n } Kio
size-mib = { $n } Mio
size-gib = { $n } Gio
rate = { $size }/s
duration-s = { $s } s
duration-min = { $m } min { $s } s
duration-h = { $h } h { $m } min
duration-d = { $d } j { $h } h
milliseconds = { $n } ms
day-today = Aujourd’hui
day-yesterday = Hier
day-ago = Il y a { $days } jours
files = { $count ->
    [one] Un fichier
   *[other] { $count } fichiers
}
textures = textures : { $size }
triangles = { $count } polygones
joined = { $first } · { $second }
and = { $first } et { $second }
about = { $whom } : { $text }

## Le cadre
demo-ribbon = Démonstration · tout le monde ici est inventé et vit sur cet ordinateur
ending = FyteClub se termine…
busy = FyteClub est occupé. Réessayez, s’il vous plaît.
open-failed = Impossible d’ouvrir { $folder } : { $reason }
dialog-picture = Choisissez l’image que voient vos amis
dialog-cache = Choisissez un dossier vide pour le cache
failure-title = FyteClub n’a pas pu démarrer
failure-close = Fermer
page-friends = Amis
page-add = Ajouter un ami
page-characters = Mes personnages
page-transfers = Transferts
page-cache = Mémoire cache
page-diagnostics = Diagnostic
page-settings = Paramètres
quit = Quitter FyteClub
pause = Suspendre
cancel = Annuler
retry = Réessayer
back-to = Retour à { $page }
back = Retour
next = Suivant
save-what = Enregistrer : { $what }
lacks-plugin = Vous paraissez hors ligne tant que le plugin du jeu n’est pas connecté, comme vous l’avez choisi.
ago = il y a { $time }
pause-all = Tout suspendre
resume = Reprendre
paused = Suspendu : vos amis vous voient hors ligne.
paused-for = Suspendu pour { $time } : vos amis vous voient hors ligne.
elsewhere = Cette identité tourne aussi sur un autre ordinateur, démarré plus tard ; celui-ci ne partage plus. Pour partager d’ici, quittez FyteClub là-bas, ou redémarrez-le ici.
look = Voir
save = Enregistrer
connect = Se connecter
connect-to = Se connecter à { $name }
block = Bloquer
remove = Retirer
keep = Garder
prompts-waiting = { $count ->
    [one] Une question vous attend.
   *[other] { $count } questions vous attendent.
}

## Moi
me-nameless = Pas encore de nom
me-id = fyte1{ $id }…
me-copy = Copier mon identifiant entier
me-copied = Copié
me-name = Votre nom
me-name-hint = Le nom que voient vos amis
me-name-seen = Vos amis voient ce nom à côté de votre identifiant. Un nom ne prouve rien ; l’identifiant, si.
me-id-whole = Votre identifiant
name-empty = Un nom doit avoir au moins un caractère visible.
name-long = Un nom a 64 octets au plus.
name-control = Un nom ne contient ni saut de ligne ni signe invisible.
picture-choose = Choisir une image…
picture-change = Changer d’image…
picture-remove = Retirer l’image
picture-more = PNG ou JPEG, 1 Mio au plus. Seuls vos amis la voient.
seen-by = Vu en ce moment par { $names }
seen-by-nobody = Personne ne le voit en ce moment
largest = Plus gros fichiers
against-limits = { $share } % de ce que la plupart acceptent
my-characters = Vos personnages
my-characters-none = Aucun pour l’instant
my-characters-none-more = Connectez-vous au jeu avec le plugin, et vos personnages apparaissent ici.
character = { $name } · { $world }
published-not = Rien n’est encore publié
published = { $files ->
    [one] Un fichier
   *[other] { $files } fichiers
}, { $size } · { $count ->
    [0] aucun ami n’est prévenu
    [one] un ami est prévenu
   *[other] { $count } amis sont prévenus
}
share-with = Partagé avec : { $audience }
share-of = { $character } est partagé avec : { $audience }. Modifier
audience-ask = pas encore décidé
audience-nobody = Personne
audience-all = Tous les amis
audience-choose = Choisir des amis…
audience-only = Seulement avec
audience-chosen = { $count ->
    [one] un ami
   *[other] { $count } amis
}
audience-chosen-share = { $count ->
    [0] Cochez au moins un ami
    [one] Partager avec un ami
   *[other] Partager avec { $count } amis
}
version = FyteClub { $version }

## Amis
search = Chercher des amis
search-none = Personne de ce nom
search-none-more = La recherche porte sur les noms, personnages, étiquettes, notes et identifiants.
friends-none = Pas encore d’amis
friends-none-more = Ajoutez un ami proche, ou par son adresse. Dès lors, vous voyez vos personnages l’un et l’autre.
friends-first = Ajouter un ami
sort = Grouper et trier
group-by = Grouper par
group-state = État
group-tags = Étiquettes
sort-by = Trier par
sort-name = Nom
sort-recent = Dernier échange
sort-amount = Le plus reçu
section-near = Près de vous dans le jeu · { $count }
section-here = En ligne · { $count }
section-away = Hors ligne · { $count }
section-paused = Suspendus · { $count }
section-blocked = Bloqués · { $count }
section-tag = { $tag } · { $count }
section-untagged = Sans étiquette · { $count }
section-open = Afficher : { $section }
section-close = Masquer : { $section }
details-of = Tout sur { $name }
pause-of = Suspendre { $name }
pause-tag = Les suspendre tous
resume-tag = Les reprendre tous
resume-of = Reprendre { $name }
allow-once = Autoriser une fois
allow-once-of = Autoriser une fois cette apparence de { $character }
allow-always = Toujours
allow-always-of = Toujours autoriser les apparences de { $character }
hold-back = Retenir de nouveau
hold-back-of = Retenir { $character } au-delà des limites
menu-details = Tout sur cet ami
menu-copy-id = Copier son identifiant
refusal-see-me = Ne vous voit pas
refusal-show-them = Vous ne voyez pas ses personnages
refusal-sounds = Sans ses sons
refusal-animations = Sans ses animations
refusal-effects = Sans ses effets
plugin-none = Le plugin du jeu n’est pas connecté. Vos amis se connectent quand même et leurs apparences arrivent ; elles s’affichent dès que vous êtes en jeu.
plugin-nobody = Le plugin du jeu est connecté ; aucun personnage en jeu
plugin-as = En jeu avec { $character } · { $world }
plugin-busy = En jeu ; les apparences attendent pendant les combats et les cinématiques
menu-of = Plus sur { $name }
menu-unblock = Débloquer
menu-befriend = Ajouter comme ami
menu-reconnect = Se connecter maintenant
menu-resync = Tout réafficher
menu-check = Vérifier et recharger
menu-send-again = Renvoyer les miens
menu-why = Pourquoi je ne le vois pas ?
menu-verify = Comparer un code…
menu-remove = Retirer…
menu-block = Bloquer…
permission-see-me = Peut voir mes personnages
permission-show-them = Me montrer ses personnages
permission-sounds = Avec ses sons
permission-animations = Avec ses animations
permission-effects = Avec ses effets
remove-title = Retirer { $name } ?
remove-text = Vous ne verrez plus vos personnages l’un et l’autre. Vous pourrez vous ajouter de nouveau à tout moment.
block-title = Bloquer { $name } ?
block-text = Cette personne ne sera plus jamais admise et ne saura pas pourquoi, jusqu’à ce que vous la débloquiez.

## Où en est un ami
trust-blocked = Bloqué
trust-once = Admis une fois
trust-friend = Ami
trust-verified = Vérifié
state-connecting = Connexion…
state-waiting = Attend d’être admis
state-offline = Hors ligne
state-paused = Suspendu
state-blocked = Bloqué
state-connected = Connecté
state-connected-empty = Connecté ; rien à montrer encore
state-asking = Demande l’apparence de { $character }
state-fetching = Reçoit l’apparence de { $character }
state-fetching-many = Reçoit l’apparence de { $count } personnages
state-applying = Va montrer { $character }
state-applied = Montre { $character }
state-applied-many = Montre { $count } personnages
state-ready = { $character } est prêt, visible à proximité
state-cancelled = Annulé jusqu’à la prochaine apparence
state-not-wanted = Connecté ; vous ne montrez pas ses personnages
route-lan = Réseau local
route-direct = Direct
retry-in = nouvel essai dans { $time }
offline-no-way = Aucun chemin n’a été trouvé entre vos deux réseaux
retry-now = nouvel essai
warning-heavy = { $character } dépasse vos limites : { $size } en { $files } fichiers.
warning-conflict = Deux amis disent que { $character } leur appartient. Seul le premier est montré jusqu’à votre choix.

look-not-wanted = Pas montré : vous ne montrez pas ses personnages
look-gone = Retirée

## Un ami
friend-gone = N’est plus ici
friend-gone-more = Cette personne a été retirée.
friend-own-name = Se nomme { $name }
friend-wears = Ce qu’il porte
friend-wears-nothing = Rien n’est annoncé. Les personnages apparaissent ici quand ils entrent en jeu avec le plugin et sont partagés avec vous.
friend-sees = Ce qu’il voit de vous
friend-sees-nothing = Aucun de vos personnages n’est partagé avec cet ami.
friend-permissions = Ce qui est permis
friend-label = Vos notes
friend-label-more = Seulement sur cet ordinateur ; jamais envoyées.
friend-nickname = Surnom
friend-nickname-save = Enregistrer le surnom
friend-tag = Nouvelle étiquette
friend-tag-add = Ajouter l’étiquette
friend-untag = Retirer l’étiquette { $tag }
friend-note = Remarque
friend-note-save = Enregistrer la remarque
friend-notices = Me dire quand il vient, part ou change
friend-connection = Connexion
friend-route = Chemin
friend-state = État
friend-address = Adresse
friend-since = Connecté depuis
friend-received = Reçu
friend-sent = Envoyé
friend-program = Son programme
friend-history = Ces 90 derniers jours
history-received = Reçu
history-sent = Envoyé
history-looks = Apparences
history-amount = { $received } reçus · { $sent } envoyés
history-clear = Oublier cela
history-clear-yes = Oublier maintenant
history-clear-title = Oublier ce qui est passé entre { $name } et vous ?
history-clear-all-title = Oublier ce qui est passé entre vos amis et vous ?
history-clear-text = Seul le relevé des quantités et des jours part. Amis, apparences et notes restent.
label-long-note = Une remarque a 2 000 caractères au plus.
label-long-tag = Une étiquette a 32 caractères au plus.
label-empty-tag = Une étiquette doit avoir au moins un caractère visible.
label-many-tags = Un ami a 16 étiquettes au plus.

timeline = Ce qui s’est passé
event-connected = Connecté : { $route }, { $remote }
event-failed = Non connecté : { $reason }
event-ended = Terminé : { $reason }
event-times = { $event } ({ $times } fois)
graph-round-trip = Temps de réponse des cinq dernières minutes

## Transferts
transfers-now = Maintenant
transfers-none-more = Ce que portent vos amis arrive de lui-même quand il change.
transfer-is-first = Passe avant tous les autres
transfer-files = { $done } fichiers sur { $total }
upload-of = { $character } vers { $name }
upload-to = Vers { $name }
upload-sent = { $size } envoyés
upload-ended = terminé
last-minutes = Les cinq dernières minutes
graph-rates = Débits des cinq dernières minutes
rate-limits = Limites de débit
rate-down = Recevoir au plus
rate-up = Envoyer au plus
rate-unlimited = Aussi vite que la ligne
history = Les 90 derniers jours
history-none = Rien n’est encore passé entre vos amis et vous.
history-total = En tout
transfer-first = Recevoir en premier
transfer-first-of = Recevoir { $character } avant tous les autres
transfer-retry = Réessayer de recevoir { $character }
transfer-of = L’apparence de { $character }
transfer-from = { $character } de { $name }
transfer-amount = { $done } sur { $total }
transfer-left = encore { $time }
transfer-stalled = en attente
transfer-done = Les { $total } en { $time }
transfer-cancel = Annuler la réception de { $character }
transfers = { $count ->
    [one] Un transfert
   *[other] { $count } transferts
}
transfers-none = Aucun transfert
transfers-done = Tous les transferts sont terminés
transfers-fold = Masquer les transferts
transfers-unfold = Afficher les transferts

## Le cache
cache-used = Ce qu’il contient
cache-size = { $used } sur { $limit }
cache-extent = { $size } · { $files } fichiers
cache-more-friends = { $count ->
    [one] Un autre ami
   *[other] { $count } autres amis
}
cache-rest = Anciennes apparences
cache-free = Libre sur le disque
cache-limit = La taille qu’il peut prendre
cache-limit-name = Taille maximale
cache-limit-more = Plein, il perd d’abord ce qui a été montré il y a le plus longtemps. Ce qui est montré reste.
cache-care = Entretien
cache-folder = Dans { $folder }
cache-verify = Vérifier chaque fichier
cache-move = Déplacer…
cache-open = Ouvrir le dossier
cache-clear = Vider…
cache-verifying = Vérification de chaque fichier
cache-moving = Déplacement vers { $folder }
cache-leaving = Le nouveau dossier est utilisé ; l’ancien part dès qu’aucun jeu n’y puise
cache-cancel = Arrêter la vérification ou le déplacement
cache-clear-yes = Vider maintenant
cache-clear-title = Vider le cache ?
cache-clear-text = Les fichiers d’apparences qui ne sont pas montrées en ce moment sont supprimés. Ils reviennent quand il le faut.

## Diagnostic
why = Pourquoi je ne vois pas quelqu’un ?
why-whom = Qui
why-choose = Choisissez un ami…
why-nobody = Pas encore d’amis : ajoutez-en un d’abord.
network = Le réseau de cet ordinateur
network-signal-port = Port pour se trouver (TCP)
network-link-port = Port pour tout le reste (UDP)
network-router = Routeur
router-unknown = Pas encore demandé
router-open = Aucun : Internet atteint cet ordinateur
router-even = Ordinaire
router-strict = Strict : certains amis ne sont joignables qu’avec un port redirigé
router-blocked = Aucun serveur ne répond : l’UDP est peut-être bloqué
network-mapped = Vu d’Internet comme
network-heard = Entendu à proximité
network-heard-amount = { $friends } signes d’amis, { $others } d’autres
network-none = Aucune interface réseau trouvée.
network-broadcasts = { $address }, cherche des amis
log = Journal
log-filter = Filtrer le journal
log-level = Afficher
log-follow = Suivre la dernière ligne
log-copy = Copier
log-empty = Rien de tel dans le journal.
log-count = { $count } lignes
level-error = Erreurs seulement
level-warn = Erreurs et avertissements
level-info = Ce qui se passe
level-debug = Tout
report = Rapport
report-more = Un fichier pour qui vous aide. Noms, identifiants, adresses et dossiers en sont retirés.
report-save = Enregistrer un rapport…
report-saved = Le rapport est enregistré : { $file }
report-failed = Le rapport n’a pas pu être enregistré : { $reason }
dialog-report = Enregistrer le rapport

## Raisons
about-connection = La connexion à { $called }
about-what = Ce que { $called } vous montre
about-looks = L’apparence de { $name }
about-seen = Comment { $called } voit { $name }
says-blocked = Vous avez bloqué { $called } : débloquez pour vous connecter.
says-let-in-once = Vous avez admis { $called } jusqu’à la fin du programme.
says-friend = { $called } est dans vos amis.
says-lacks-plugin = Aucun plugin du jeu n’est connecté, et vous n’êtes en ligne qu’avec lui : lancez le jeu, ou changez ce paramètre.
says-all-paused = FyteClub est suspendu : reprenez.
says-paused = Vous avez suspendu { $called } : reprenez.
says-nothing-paused = Rien n’est suspendu.
says-connected = Vous êtes connecté à { $called }.
says-connecting = La connexion à { $called } s’établit : attendez un instant.
says-not-let-in = { $called } ne vous a pas encore admis : demandez-le-lui.
says-no-way-mine-blocked = Votre réseau ne laisse pas passer l’UDP, dont une connexion a besoin : prenez un autre réseau, ou demandez à qui gère celui-ci.
says-no-way-theirs-blocked = Le réseau de { $called } ne laisse pas passer l’UDP, dont une connexion a besoin : un autre réseau peut aider, ou la personne qui gère le sien.
says-no-way-both-strict = { $called } et vous êtes tous deux derrière des routeurs stricts, une connexion directe est donc impossible : redirigez le port UDP { $port } vers cet ordinateur, ou faites rediriger le sien.
says-no-way-mine-strict = Votre routeur est strict et celui de { $called } ne laisse entrer que des réponses, une connexion directe est donc impossible : redirigez le port UDP { $port } vers cet ordinateur, ou faites rediriger le sien.
says-no-way-theirs-strict = Le routeur de { $called } est strict et le vôtre ne laisse entrer que des réponses, une connexion directe est donc impossible : redirigez le port UDP { $port } vers cet ordinateur, ou faites rediriger le sien.
says-no-way-unclear = { $called } est là, mais aucun chemin n’a été trouvé pour une connexion : un pare-feu est peut-être entre vous ; autorisez des deux côtés FyteClub et le port UDP { $port } en entrée.
says-unreachable = { $called } est injoignable ({ $reason }) : demandez si FyteClub y tourne et vous compte parmi ses amis.
says-discovery-off = On n’entend pas { $called }, et la recherche est éteinte : allumez-la, ou connectez-vous par l’adresse.
says-offline = { $called } est hors ligne : demandez si FyteClub y tourne ; sur un autre réseau, connectez-vous par l’adresse.
says-not-wanted-link = Aucune connexion à { $called } n’est voulue.
says-shows-nothing = { $called } ne vous montre aucun personnage : demandez-lui d’entrer en jeu avec le plugin et de partager le personnage avec vous.
says-shows = { $called } vous montre { $name }.
says-no-plugin = Aucun plugin du jeu n’est connecté : lancez le jeu avec le plugin FyteClub.
says-plugin-there = Le plugin du jeu est connecté.
says-near = { $name } est proche dans le jeu.
says-not-near = { $name } n’est pas proche dans le jeu : visible quand vous vous croisez.
says-busy = Vous êtes en combat ou dans une cinématique : les apparences changent après.
says-free = Rien ne retient les apparences.
says-not-shown = Vous ne montrez pas les personnages de { $called } : autorisez-le dans ses permissions.
says-own-character = Le personnage est le vôtre : votre jeu le dessine, personne d’autre.
says-too-heavy = L’apparence dépasse vos limites de { $by } : autorisez-la une fois ou toujours, relevez les limites, ou demandez-en une plus légère.
says-conflict = Un autre ami montre le même personnage : choisissez à qui il est.
says-gone = { $called } est parti ou a retiré l’apparence.
says-cancelled = Vous avez annulé cette apparence : réessayez pour la recevoir.
says-wanted = Vous voulez la voir.
says-asking = La liste des fichiers de { $name } est demandée : attendez un instant.
says-fetching = Les fichiers de { $name } arrivent : voyez les transferts.
says-failed = Cela a échoué : { $reason }. Un nouvel essai vient de lui-même, ou tout de suite avec « Réessayer ».
says-all-here = Tous ses fichiers sont là.
says-applied = { $name } est affiché.
says-applying = Le plugin du jeu doit l’afficher : attendez un instant.
says-not-yet = Pas encore affiché : attendez un instant, puis réaffichez tout.
says-nobody-else = Aucun autre ordinateur ne partage à la place de celui-ci.
says-problem = { $name } ne peut pas être partagé tel quel : { $reason }.
says-not-published = Aucune apparence de { $name } n’est publiée : entrez en jeu avec le plugin.
says-published = L’apparence de { $name } est publiée.
says-not-decided = Vous n’avez pas dit avec qui { $name } est partagé : répondez à la question.
says-shared-with-nobody = { $name } n’est partagé avec personne : partagez-le.
says-shared-with-others = { $name } est partagé avec d’autres, pas avec { $called } : ajoutez cet ami.
says-shared-with-them = { $name } est partagé avec { $called }.
says-may-see = { $called } peut vous voir.
says-may-not-see = { $called } ne peut pas vous voir : autorisez-le dans ses permissions.

## Paramètres
restart-wanted = Une partie ne vaut qu’au prochain démarrage.
set-look = Affichage
set-language = Langue
language-system = Comme le système
set-theme = Couleurs
theme-system = Comme le système
theme-light = Clair
theme-dark = Sombre
set-text-size = Taille du texte
set-compact = Liste compacte
set-compact-more = Une ligne par ami.
set-on-top = Garder la fenêtre devant les autres
set-start = Démarrage
set-start-with-computer = Démarrer avec l’ordinateur
set-start-hidden = Démarrer dans la zone de notification
set-start-hidden-more = Sans montrer la fenêtre.
set-only-with-plugin = En ligne seulement avec le jeu
set-only-with-plugin-more = Vos amis vous trouvent tant que le plugin du jeu est connecté.
set-wine = Plugins du jeu sous Wine ou Proton
wine-auto = Si le préfixe d’un lanceur est trouvé
wine-on = Admettre
wine-off = Ne pas admettre
set-tell = Notifications système
set-tell-more = Par le système, quand cette fenêtre n’est pas devant. Silence pendant les combats et les cinématiques.
tell-question = Quelqu’un veut se connecter
tell-online = Un ami arrive en ligne
tell-failed = Un transfert échoue
tell-disk = Le disque est presque plein
set-new-friends = Ce qui est permis aux amis
set-new-friends-more = Vaut pour tous ceux pour qui rien d’autre n’est réglé.
set-limits = Le poids permis d’une apparence
set-limits-more = Les plus lourdes attendent votre accord.
limit-bytes = Taille au plus
limit-textures = Textures au plus
limit-triangles = Polygones au plus
limit-files = Fichiers au plus
set-limit-lan = Limiter aussi sur le réseau local
set-network = Réseau et disque
discovery = Sur le réseau local
discovery-off = Personne ne me trouve
discovery-friends = Mes amis me trouvent
discovery-everyone = Tout le monde me trouve
set-port = Port des connexions
set-beacon-port = Port pour trouver les amis proches
port-wrong = Un port est un nombre de 0 à 65535.
set-interfaces = Interfaces réseau
interfaces-all = Toutes
interfaces-loopback = Cet ordinateur seulement
set-free-disk = Espace disque toujours laissé libre
set-internet = À travers Internet
set-rendezvous = Trouver ses amis à travers Internet
set-rendezvous-more = Par des relais publics. Ils voient votre adresse Internet et quelles adresses se parlent, jamais les noms, les identifiants ni les apparences.
set-relays = Relais
set-relay-add = Adresse d’un relais, par exemple wss://relay.example.org
set-relay-save = Ajouter le relais
set-stun = Serveurs qui disent comment Internet vous voit (STUN)
set-stun-add = Adresse d’un serveur, par exemple stun.example.org:3478
set-stun-save = Ajouter le serveur
set-server-add = Ajouter
set-server-remove = Retirer { $server }
set-servers-usual = Revenir à ceux d’usage
set-relays-usual = Relais : revenir à ceux d’usage
set-stun-usual = Serveurs STUN : revenir à ceux d’usage
relay-idle = Pas nécessaire en ce moment
relay-connecting = Connexion…
relay-connected = En service
relay-answers = En service, répond en { $time }
relay-unreachable = Pas joint ; réessayé tout seul
relay-refuses = Refuse : { $words }
set-identity = Identité
set-identity-more = Vos clés, amis et notes dans un fichier, pour un autre ordinateur ou le jour où celui-ci casse. Qui a le fichier et la phrase secrète, c’est vous.
passphrase = Phrase secrète
passphrase-short = Une phrase secrète a au moins 8 caractères.
passphrase-long = Une phrase secrète a 1 024 octets au plus.
identity-export = Exporter…
identity-import = Importer…
dialog-export = Où enregistrer l’identité
dialog-import = Choisissez une identité exportée

## Les premières questions
welcome-step = Question { $now } sur { $all }
welcome-title = Bienvenue dans FyteClub
welcome-text = Vos amis voient votre personnage comme vous, et vous voyez le leur, directement d’ordinateur à ordinateur.
welcome-name = Comment vos amis vous appellent-ils ?
welcome-cache = Où sont gardées les apparences
welcome-cache-more = Ce qui est arrivé une fois n’est plus redemandé.
welcome-sharing = Ce que partager veut dire
welcome-sharing-means = Qui voit votre personnage a ses fichiers : ce que vous envoyez, il l’a. Il voit aussi votre adresse internet. Personne ne voit un personnage avant que vous ne choisissiez avec qui le partager.
welcome-discovery = Qui peut vous trouver sur votre réseau local ?
welcome-plugin = Le plugin du jeu n’est pas encore connecté
welcome-plugin-more = Il donne votre apparence à FyteClub et montre celle de vos amis dans le jeu. Installez-le avec le gestionnaire de plugins du jeu ; il est trouvé de lui-même.
welcome-plugin-there = Le plugin du jeu est connecté
welcome-plugin-there-more = Tout est prêt. Ajoutez un ami, et vous vous voyez.
welcome-works = Ce qui marche sans lui
welcome-works-friends = Ajouter des amis et se connecter à eux
welcome-works-fetch = Recevoir les apparences, prêtes quand vous jouez
welcome-works-demo = La démonstration : fyteclub demo
welcome-skip = Tout passer
welcome-done = Commencer

## Ajouter des amis
invite = Avec un code
invite-how = Créez un code et lisez ses six mots à votre ami, ou saisissez les mots qu’il vous lit. Cela marche à travers Internet.
invite-make = Créer un code
invite-again = Créer un nouveau code
invite-left = Valable encore { $time }, pour un ami. Laissez FyteClub ouvert.
invite-copy = Copier les mots
invite-give-up = Le retirer
invite-hint = Six mots ou un lien, par exemple acid bacon cabin dance eager fabric
invite-join = Devenir amis
invite-joining = Recherche de la personne qui propose ces mots…
invite-close = Fermer
invite-off = Les amis à travers Internet sont désactivés dans les réglages.
invite-friends = { $name } et vous êtes amis à présent.
invite-wrong-offered = Quelqu’un a mal répondu à ce code, qui est donc épuisé. Créez-en un nouveau.
invite-wrong-joined = Les mots n’étaient pas justes, et le code est épuisé. Demandez-en un nouveau.
invite-used-up = Quelqu’un d’autre a répondu à ce code. Demandez-en un nouveau.
invite-nobody = Personne ne propose ces mots en ce moment. Vérifiez-les, et si la fenêtre de votre ami les montre encore.
invite-silent = Le FyteClub de votre ami s’est tu en plein milieu. Demandez un nouveau code.
invite-no-relay = Aucun relais n’est joignable. Vérifiez votre connexion Internet, ou les relais dans les réglages.
invite-expired = Les dix minutes sont écoulées. Créez un nouveau code.
taken-waiting = En attente que votre ami se connecte…
taken-expired = Le temps de l’invitation est écoulé. Demandez-en une nouvelle.
taken-used-up = L’invitation est épuisée ou a été retirée. Demandez-en une nouvelle.
link = Avec un lien
link-how = Envoyez un lien par messagerie. Qui l’ouvre dans son FyteClub devient votre ami dès que vous êtes tous deux en ligne.
link-make = Créer un lien
link-lasting = Valable
link-hour = une heure
link-day = un jour
link-week = une semaine
link-month = 30 jours
link-uses = Pour
link-for-friends = { $count ->
    [one] un ami
   *[other] { $count } amis
}
link-left = Valable encore { $time } ; { $used } sur { $uses } sont venus
link-copy = Copier le lien
link-copy-of = Copier le lien { $id }
link-drop = Retirer
link-drop-of = Retirer le lien { $id }
link-show = Code QR
link-show-of = Code QR du lien { $id }
link-qr = Le lien { $id } en code QR
link-over = Son temps est écoulé
taken-from = Invitation de { $id }
taken-drop = Abandonner
taken-drop-of = Abandonner l’invitation de { $id }
nearby = À proximité
nearby-switch = Tous ceux qui sont proches peuvent me trouver
nearby-for = Pendant 10 minutes, sur ce réseau
nearby-left = encore { $time }
nearby-listening = À l’écoute… Demandez à votre ami de l’allumer aussi.
nearby-unverified = Chacun peut prétendre à un nom : comparez les identifiants avant de vous connecter.
nearby-friends = Les amis de ce réseau se trouvent entre eux
my-id = Montrez-leur votre identifiant
my-id-more = Vos amis peuvent le comparer, ou le lire sur votre écran avec un téléphone.
qr-name = Votre identifiant en code QR
by-address = Par l’adresse
by-address-how = Demandez son adresse à votre ami : un nom ou un numéro, avec le port derrière deux-points si ce n’est pas celui d’usage.
by-address-hint = Adresse, par exemple 192.168.1.20
listening = Vos amis vous joignent au port { $port }
listening-not = Votre propre port n’est pas encore ouvert

## Questions
stranger-nameless = Quelqu’un
stranger-title = { $name } veut se connecter
stranger-says = Se nomme
stranger-unverified = Non vérifié
stranger-id = Identifiant court
stranger-from = Vient de
stranger-here = cet ordinateur
stranger-lan = votre réseau
stranger-check = Chacun peut prétendre à un nom. Demandez à votre ami si son identifiant commence par ces lettres.
stranger-changed = Votre ami { $name } a une autre clé ({ $id }). Il a recommencé, ou quelqu’un se fait passer pour lui. Demandez-le-lui autrement avant d’admettre celui-ci.
stranger-asked = J’ai demandé, et c’est bien lui
accept-once = Admettre une fois
accept = Ajouter l’ami
not-now = Pas maintenant
new-character-title = Partager { $character } ?
new-character-text = Ce personnage ({ $world }) est nouveau ici. Personne ne le voit avant votre choix. Vous pouvez le changer à tout moment sous « Mes personnages ».
conflict-title = À qui est { $character } ?
conflict-text = Deux de vos amis montrent ce personnage. Un seul peut l’habiller.
conflict-owner = L’a montré en premier
conflict-claimant = Le revendique aussi
conflict-choose = Il est à { $name }
code-title = Comparer avec { $name }
code-text = { $name } voit aussi un code. Lisez-le-vous d’une voix que vous connaissez.
code-equal = Ils sont égaux
code-differ = Ils diffèrent
code-waiting = En attente de la réponse de { $name }…

## Moments
notice-connected = { $name } est là
notice-disconnected = { $name } est parti
notice-applied = Vous voyez { $character } comme { $name }
notice-shown-again = { $count ->
    [0] Rien à réafficher : aucune de ses apparences n’est proche et complète.
    [one] Une apparence est réaffichée.
   *[other] { $count } apparences sont réaffichées.
}
notice-shown-again-no-plugin = Rien ne peut être affiché : le plugin du jeu n’est pas connecté.
notice-sent-again = { $count ->
    [one] Une de vos apparences est réannoncée à { $name }.
   *[other] { $count } de vos apparences sont réannoncées à { $name }.
}
notice-sent-again-nothing = Rien de vous n’est partagé avec { $name } : choisissez-le sous « Mes personnages ».
notice-disk = Le disque du cache est presque plein : { $free } libres. Réduisez le cache, ou faites de la place.
notify-open = Ouvrez FyteClub pour répondre.
notice-verified = { $name } est vérifié
notice-unverified = Les codes diffèrent, ou n’ont pas été confirmés : { $name } n’est pas vérifié

## La zone de notification
tray-open = Ouvrir FyteClub
tray-prompts = { $count ->
    [one] Une question attend…
   *[other] { $count } questions attendent…
}
tray-invite = Inviter un ami avec un code
tray-discover = Tous ceux qui sont proches peuvent me trouver pendant 10 minutes
tray-quit = Quitter
tray-show-again = Réafficher toutes les apparences
tray-pause-half-hour = Suspendre 30 minutes
tray-pause-hour = Suspendre une heure
tray-pause = Suspendre jusqu’à ce que je reprenne
tray-status-no-plugin = Hors ligne jusqu’à la connexion du plugin du jeu
tray-status = { $here ->
    [0] Aucun ami n’est là
    [one] Un ami est là
   *[other] { $here } amis sont là
}
tray-status-fetching = { $count ->
    [one] Reçoit une apparence
   *[other] Reçoit { $count } apparences
}
tray-status-paused = Suspendu
tray-kept = FyteClub continue dans la zone de notification.
tray-absent = Il n’y a pas de zone de notification ici, FyteClub reste donc une petite fenêtre. Quitter est en bas à gauche.

### Alle Texte des Fensters und des Infobereichs.

## Zahlen
decimal-separator = ,
group-separator = .
size-b = { $n } B
size-kib = { $n } KiB
size-mib = { $n } MiB
size-gib = { $n } GiB
rate = { $size }/s
duration-s = { $s } s
duration-min = { $m } min { $s } s
duration-h = { $h } h { $m } min
duration-d = { $d } d { $h } h
milliseconds = { $n } ms
day-today = Heute
day-yesterday = Gestern
day-ago = Vor { $days } Tagen
files = { $count ->
    [one] Eine Datei
   *[other] { $count } Dateien
}
textures = Texturen { $size }
triangles = { $count } Dreiecke
joined = { $first } · { $second }
and = { $first } und { $second }
about = { $whom }: { $text }

## Der Rahmen
demo-ribbon = Vorführung · alle hier sind erfunden und leben auf diesem Rechner
ending = FyteClub wird beendet …
busy = FyteClub ist beschäftigt. Bitte versuche es noch einmal.
open-failed = { $folder } lässt sich nicht öffnen: { $reason }
dialog-picture = Wähle das Bild, das deine Freunde sehen
dialog-cache = Wähle einen leeren Ordner für den Zwischenspeicher
failure-title = FyteClub konnte nicht starten
failure-close = Schließen
page-friends = Freunde
page-add = Freund hinzufügen
page-characters = Meine Charaktere
page-transfers = Übertragungen
page-cache = Zwischenspeicher
page-diagnostics = Diagnose
page-settings = Einstellungen
quit = FyteClub beenden
pause = Pause
cancel = Abbrechen
retry = Erneut versuchen
back-to = Zurück zu { $page }
back = Zurück
next = Weiter
save-what = Speichern: { $what }
lacks-plugin = Du wirkst offline, bis das Spiel-Plugin verbunden ist, so wie du es eingestellt hast.
ago = vor { $time }
pause-all = Alles pausieren
resume = Fortsetzen
paused = Pausiert: Für deine Freunde wirkst du offline.
paused-for = Pausiert für { $time }: Für deine Freunde wirkst du offline.
elsewhere = Diese Identität läuft auch auf einem anderen, später gestarteten Rechner; dieser hier teilt nicht mehr. Um von hier zu teilen, beende FyteClub dort oder starte es hier neu.
look = Ansehen
save = Speichern
connect = Verbinden
connect-to = Mit { $name } verbinden
block = Blockieren
remove = Entfernen
keep = Behalten
prompts-waiting = { $count ->
    [one] Eine Frage wartet auf dich.
   *[other] { $count } Fragen warten auf dich.
}

## Ich
me-nameless = Noch kein Name
me-id = fyte1{ $id }…
me-copy = Meine ganze Kennung kopieren
me-copied = Kopiert
me-name = Dein Name
me-name-hint = Der Name, den deine Freunde sehen
me-name-seen = Freunde sehen diesen Namen neben deiner Kennung. Ein Name beweist nichts, die Kennung schon.
me-id-whole = Deine Kennung
name-empty = Ein Name braucht mindestens ein sichtbares Zeichen.
name-long = Ein Name hat höchstens 64 Bytes.
name-control = Ein Name enthält keine Zeilenumbrüche und keine unsichtbaren Zeichen.
picture-choose = Bild wählen …
picture-change = Bild ändern …
picture-remove = Bild entfernen
picture-more = PNG oder JPEG bis 1 MiB. Nur Freunde sehen es.
seen-by = Jetzt gesehen von { $names }
seen-by-nobody = Im Moment sieht es niemand
largest = Größte Dateien
against-limits = { $share } % von dem, was die meisten annehmen
my-characters = Deine Charaktere
my-characters-none = Noch keine
my-characters-none-more = Melde dich mit dem Spiel-Plugin an, dann erscheinen deine Charaktere hier.
character = { $name } · { $world }
published-not = Noch nichts veröffentlicht
published = { $files ->
    [one] Eine Datei
   *[other] { $files } Dateien
}, { $size } · { $count ->
    [0] noch kein Freund weiß davon
    [one] ein Freund weiß davon
   *[other] { $count } Freunde wissen davon
}
share-with = Geteilt mit: { $audience }
share-of = { $character } ist geteilt mit: { $audience }. Ändern
audience-ask = noch nicht entschieden
audience-nobody = Niemand
audience-all = Alle Freunde
audience-choose = Freunde auswählen …
audience-only = Nur mit
audience-chosen = { $count ->
    [one] ein Freund
   *[other] { $count } Freunde
}
audience-chosen-share = { $count ->
    [0] Wähle mindestens einen Freund
    [one] Mit einem Freund teilen
   *[other] Mit { $count } Freunden teilen
}
version = FyteClub { $version }

## Freunde
search = Freunde suchen
search-none = Niemand mit diesem Namen
search-none-more = Gesucht wird in Namen, Charakteren, Tags, Notizen und Kennungen.
friends-none = Noch keine Freunde
friends-none-more = Füge einen Freund in der Nähe oder über seine Adresse hinzu. Von da an seht ihr eure Charaktere.
friends-first = Freund hinzufügen
sort = Gruppieren und sortieren
group-by = Gruppieren nach
group-state = Zustand
group-tags = Tags
sort-by = Sortieren nach
sort-name = Name
sort-recent = Letzter Austausch
sort-amount = Am meisten empfangen
section-near = Im Spiel in deiner Nähe · { $count }
section-here = Online · { $count }
section-away = Offline · { $count }
section-paused = Pausiert · { $count }
section-blocked = Blockiert · { $count }
section-tag = { $tag } · { $count }
section-untagged = Ohne Tag · { $count }
section-open = Zeigen: { $section }
section-close = Verbergen: { $section }
details-of = Alles über { $name }
pause-of = { $name } pausieren
pause-tag = Alle pausieren
resume-tag = Alle fortsetzen
resume-of = { $name } fortsetzen
allow-once = Einmal erlauben
allow-once-of = Dieses Aussehen von { $character } einmal erlauben
allow-always = Immer
allow-always-of = Jedes Aussehen von { $character } erlauben
hold-back = Wieder zurückhalten
hold-back-of = { $character } zurückhalten, wenn die Grenzen überschritten sind
menu-details = Alles über sie
menu-copy-id = Kennung kopieren
refusal-see-me = Sie sehen dich nicht
refusal-show-them = Du siehst ihre Charaktere nicht
refusal-sounds = Ohne ihre Geräusche
refusal-animations = Ohne ihre Animationen
refusal-effects = Ohne ihre Effekte
plugin-none = Das Spiel-Plugin ist nicht verbunden. Freunde verbinden sich trotzdem und ihr Aussehen wird geladen; zu sehen ist es, sobald du im Spiel bist.
plugin-nobody = Das Spiel-Plugin ist verbunden; niemand ist angemeldet
plugin-as = Im Spiel als { $character } · { $world }
plugin-busy = Im Spiel; in Kampf und Zwischensequenzen ändert sich kein Aussehen
menu-of = Mehr zu { $name }
menu-unblock = Freigeben
menu-befriend = Als Freund hinzufügen
menu-reconnect = Jetzt verbinden
menu-resync = Alles neu zeigen
menu-check = Prüfen und neu laden
menu-send-again = Meines neu senden
menu-why = Warum sehe ich sie nicht?
menu-verify = Code vergleichen …
menu-remove = Entfernen …
menu-block = Blockieren …
permission-see-me = Sie dürfen meine Charaktere sehen
permission-show-them = Mir ihre Charaktere zeigen
permission-sounds = Mit ihren Geräuschen
permission-animations = Mit ihren Animationen
permission-effects = Mit ihren Effekten
remove-title = { $name } entfernen?
remove-text = Ihr seht eure Charaktere dann nicht mehr. Ihr könnt euch jederzeit wieder hinzufügen.
block-title = { $name } blockieren?
block-text = Diese Person wird nie wieder eingelassen und erfährt nicht, warum, bis du sie freigibst.

## Wie es um einen Freund steht
trust-blocked = Blockiert
trust-once = Einmal eingelassen
trust-friend = Befreundet
trust-verified = Bestätigt
state-connecting = Verbindet …
state-waiting = Wartet darauf, eingelassen zu werden
state-offline = Nicht da
state-paused = Pausiert
state-blocked = Blockiert
state-connected = Verbunden
state-connected-empty = Verbunden; noch nichts zu zeigen
state-asking = Fragt, wie { $character } aussieht
state-fetching = Lädt das Aussehen von { $character }
state-fetching-many = Lädt das Aussehen von { $count } Charakteren
state-applying = Zeigt gleich { $character }
state-applied = Zeigt { $character }
state-applied-many = Zeigt { $count } Charaktere
state-ready = { $character } ist bereit und erscheint in der Nähe
state-cancelled = Abgebrochen bis zum nächsten Aussehen
state-not-wanted = Verbunden; du zeigst ihre Charaktere nicht
route-lan = Lokales Netz
route-direct = Direkt
retry-in = neuer Versuch in { $time }
offline-no-way = Zwischen euren beiden Netzen fand sich kein Weg
retry-now = neuer Versuch
warning-heavy = { $character } ist schwerer als deine Grenzen: { $size } in { $files } Dateien.
warning-conflict = Zwei Freunde sagen, dass { $character } ihnen gehört. Nur der erste wird gezeigt, bis du wählst.

look-not-wanted = Nicht gezeigt: Du zeigst ihre Charaktere nicht
look-gone = Abgelegt

## Ein Freund
friend-gone = Nicht mehr hier
friend-gone-more = Diese Person wurde entfernt.
friend-own-name = Nennt sich { $name }
friend-wears = Was sie tragen
friend-wears-nothing = Nichts angekündigt. Charaktere erscheinen hier, wenn sie sich mit dem Plugin anmelden und sie mit dir teilen.
friend-sees = Was sie von dir sehen
friend-sees-nothing = Keiner deiner Charaktere ist mit ihnen geteilt.
friend-permissions = Was erlaubt ist
friend-label = Deine Notizen
friend-label-more = Nur auf diesem Rechner; werden nie gesendet.
friend-nickname = Spitzname
friend-nickname-save = Spitznamen speichern
friend-tag = Neuer Tag
friend-tag-add = Tag hinzufügen
friend-untag = Tag { $tag } entfernen
friend-note = Notiz
friend-note-save = Notiz speichern
friend-notices = Melden, wenn sie kommen, gehen oder sich ändern
friend-connection = Verbindung
friend-route = Weg
friend-state = Zustand
friend-address = Adresse
friend-since = Verbunden seit
friend-received = Empfangen
friend-sent = Gesendet
friend-program = Ihr Programm
friend-history = In den letzten 90 Tagen
history-received = Empfangen
history-sent = Gesendet
history-looks = Aussehen
history-amount = { $received } ein · { $sent } aus
history-clear = Vergessen
history-clear-yes = Jetzt vergessen
history-clear-title = Vergessen, was zwischen { $name } und dir ging?
history-clear-all-title = Vergessen, was zwischen deinen Freunden und dir ging?
history-clear-text = Nur die Aufzeichnung von Mengen und Tagen geht. Freunde, Aussehen und Notizen bleiben.
label-long-note = Eine Notiz hat höchstens 2.000 Zeichen.
label-long-tag = Ein Tag hat höchstens 32 Zeichen.
label-empty-tag = Ein Tag braucht mindestens ein sichtbares Zeichen.
label-many-tags = Ein Freund hat höchstens 16 Tags.

timeline = Was geschah
event-connected = Verbunden: { $route }, { $remote }
event-failed = Nicht verbunden: { $reason }
event-ended = Beendet: { $reason }
event-times = { $event } ({ $times }-mal)
graph-round-trip = Antwortzeit der letzten fünf Minuten

## Übertragungen
transfers-now = Jetzt
transfers-none-more = Was Freunde tragen, wird von selbst geladen, wenn es sich ändert.
transfer-is-first = Wird vor allen anderen geladen
transfer-files = { $done } von { $total } Dateien
upload-of = { $character } an { $name }
upload-to = An { $name }
upload-sent = { $size } gesendet
upload-ended = fertig
last-minutes = Die letzten fünf Minuten
graph-rates = Geschwindigkeit der letzten fünf Minuten
rate-limits = Grenzen der Geschwindigkeit
rate-down = Höchstens empfangen
rate-up = Höchstens senden
rate-unlimited = So schnell die Leitung ist
history = Die letzten 90 Tage
history-none = Noch ging nichts zu oder von Freunden.
history-total = Alles zusammen
transfer-first = Zuerst laden
transfer-first-of = { $character } vor allen anderen laden
transfer-retry = Noch einmal versuchen, { $character } zu laden
transfer-of = Wie { $character } aussieht
transfer-from = { $character } von { $name }
transfer-amount = { $done } von { $total }
transfer-left = noch { $time }
transfer-stalled = wartet
transfer-done = Alle { $total } in { $time }
transfer-cancel = Laden von { $character } abbrechen
transfers = { $count ->
    [one] Eine Übertragung
   *[other] { $count } Übertragungen
}
transfers-none = Keine Übertragungen
transfers-done = Alle Übertragungen sind fertig
transfers-fold = Übertragungen verbergen
transfers-unfold = Übertragungen zeigen

## Der Zwischenspeicher
cache-used = Was er enthält
cache-size = { $used } von { $limit }
cache-extent = { $size } · { $files } Dateien
cache-more-friends = { $count ->
    [one] Ein weiterer Freund
   *[other] { $count } weitere Freunde
}
cache-rest = Früheres Aussehen
cache-free = Frei auf dem Datenträger
cache-limit = Wie groß er werden darf
cache-limit-name = Größe höchstens
cache-limit-more = Ist er voll, geht zuerst, was am längsten nicht gezeigt wurde. Was gerade gezeigt wird, bleibt.
cache-care = Pflege
cache-folder = In { $folder }
cache-verify = Jede Datei prüfen
cache-move = Verschieben …
cache-open = Ordner öffnen
cache-clear = Leeren …
cache-verifying = Jede Datei wird geprüft
cache-moving = Wird nach { $folder } verschoben
cache-leaving = Der neue Ordner wird benutzt; der alte geht, sobald kein Spiel mehr daraus zeichnet
cache-cancel = Prüfung oder Verschieben beenden
cache-clear-yes = Jetzt leeren
cache-clear-title = Zwischenspeicher leeren?
cache-clear-text = Dateien von Aussehen, die gerade nicht gezeigt werden, werden entfernt. Sie werden wieder geladen, wenn sie gebraucht werden.

## Diagnose
why = Warum sehe ich jemanden nicht?
why-whom = Wen
why-choose = Wähle einen Freund …
why-nobody = Noch keine Freunde: Füge zuerst einen hinzu.
network = Das Netz dieses Rechners
network-signal-port = Port, um einander zu finden (TCP)
network-link-port = Port für alles andere (UDP)
network-router = Router
router-unknown = Noch nicht gefragt
router-open = Keiner: Das Internet erreicht diesen Computer
router-even = Ein gewöhnlicher
router-strict = Ein strenger: Manche Freunde sind nur mit weitergeleitetem Port erreichbar
router-blocked = Kein Server antwortet: Vielleicht ist UDP gesperrt
network-mapped = Aus dem Internet gesehen als
network-heard = In der Nähe gehört
network-heard-amount = { $friends } Zeichen von Freunden, { $others } von anderen
network-none = Keine Netzwerkschnittstelle gefunden.
network-broadcasts = { $address }, sucht Freunde
log = Protokoll
log-filter = Protokoll filtern
log-level = Zeigen
log-follow = Der neuesten Zeile folgen
log-copy = Kopieren
log-empty = Nichts davon im Protokoll.
log-count = { $count } Zeilen
level-error = Nur Fehler
level-warn = Fehler und Warnungen
level-info = Was geschieht
level-debug = Alles
report = Bericht
report-more = Eine Datei für alle, die dir helfen. Namen, Kennungen, Adressen und Ordner sind daraus entfernt.
report-save = Bericht speichern …
report-saved = Der Bericht wurde gespeichert: { $file }
report-failed = Der Bericht konnte nicht gespeichert werden: { $reason }
dialog-report = Bericht speichern

## Gründe
about-connection = Die Verbindung zu { $called }
about-what = Was { $called } dir zeigt
about-looks = Wie { $name } aussieht
about-seen = Wie { $called } { $name } sieht
says-blocked = Du hast { $called } blockiert: Gib die Person frei, um dich zu verbinden.
says-let-in-once = Du hast { $called } eingelassen, bis das Programm endet.
says-friend = Du bist mit { $called } befreundet.
says-lacks-plugin = Kein Spiel-Plugin ist verbunden und du bist nur mit einem online: Starte das Spiel oder ändere diese Einstellung.
says-all-paused = FyteClub ist pausiert: Setze es fort.
says-paused = Du hast { $called } pausiert: Setze fort.
says-nothing-paused = Nichts ist pausiert.
says-connected = Du bist mit { $called } verbunden.
says-connecting = Die Verbindung zu { $called } wird aufgebaut: Warte einen Moment.
says-not-let-in = { $called } hat dich noch nicht eingelassen: Bitte darum.
says-no-way-mine-blocked = Dein Netz lässt kein UDP durch, das eine Verbindung braucht: Nutze ein anderes Netz oder frage, wer dieses betreibt.
says-no-way-theirs-blocked = Das Netz von { $called } lässt kein UDP durch, das eine Verbindung braucht: Dort hilft ein anderes Netz, oder wer es betreibt.
says-no-way-both-strict = Du und { $called } seid beide hinter strengen Routern, daher ist keine direkte Verbindung möglich: Leite den UDP-Port { $port } an diesen Computer weiter, oder lass sie ihren weiterleiten.
says-no-way-mine-strict = Dein Router ist streng, und der von { $called } lässt nur Antworten herein, daher ist keine direkte Verbindung möglich: Leite den UDP-Port { $port } an diesen Computer weiter, oder lass sie ihren weiterleiten.
says-no-way-theirs-strict = Der Router von { $called } ist streng, und deiner lässt nur Antworten herein, daher ist keine direkte Verbindung möglich: Leite den UDP-Port { $port } an diesen Computer weiter, oder lass sie ihren weiterleiten.
says-no-way-unclear = { $called } ist da, aber es fand sich kein Weg für eine Verbindung: Vielleicht ist eine Firewall dazwischen; erlaubt auf beiden Seiten FyteClub und den UDP-Port { $port } herein.
says-unreachable = { $called } ist nicht erreichbar ({ $reason }): Frage, ob FyteClub dort läuft und dich als Freund führt.
says-discovery-off = Von { $called } ist nichts zu hören und die Suche ist aus: Schalte sie ein oder verbinde dich über die Adresse.
says-offline = { $called } ist offline: Frage, ob FyteClub dort läuft; in einem anderen Netz verbinde dich über die Adresse.
says-not-wanted-link = Zu { $called } ist keine Verbindung gewünscht.
says-shows-nothing = { $called } zeigt dir keinen Charakter: Bitte darum, sich mit dem Plugin anzumelden und den Charakter mit dir zu teilen.
says-shows = { $called } zeigt dir { $name }.
says-no-plugin = Kein Spiel-Plugin ist verbunden: Starte das Spiel mit dem FyteClub-Plugin.
says-plugin-there = Das Spiel-Plugin ist verbunden.
says-near = { $name } ist im Spiel in der Nähe.
says-not-near = { $name } ist im Spiel nicht in der Nähe: Gezeigt wird, wenn ihr euch trefft.
says-busy = Du bist im Kampf oder in einer Zwischensequenz: Danach ändert sich das Aussehen.
says-free = Nichts hält das Aussehen zurück.
says-not-shown = Du zeigst die Charaktere von { $called } nicht: Erlaube es bei den Berechtigungen.
says-own-character = Der Charakter ist dein eigener: Dein Spiel zeichnet ihn, niemand sonst.
says-too-heavy = Das Aussehen überschreitet deine Grenzen um { $by }: Erlaube es einmal oder immer, erhöhe die Grenzen oder bitte um ein leichteres.
says-conflict = Ein anderer Freund zeigt denselben Charakter: Wähle, wem er gehört.
says-gone = { $called } ging weg oder hat das Aussehen abgelegt.
says-cancelled = Du hast dieses Aussehen abgebrochen: Versuche es erneut, um es doch zu laden.
says-wanted = Du willst es sehen.
says-asking = Die Dateiliste von { $name } ist angefragt: Warte einen Moment.
says-fetching = Die Dateien von { $name } werden geladen: siehe Übertragungen.
says-failed = Es schlug fehl: { $reason }. Es wird von selbst wieder versucht, oder sofort mit „Erneut versuchen“.
says-all-here = Alle Dateien sind da.
says-applied = { $name } wird gezeigt.
says-applying = Das Spiel-Plugin soll es zeigen: Warte einen Moment.
says-not-yet = Es wurde noch nicht gezeigt: Warte einen Moment, dann zeige alles neu.
says-nobody-else = Kein anderer Rechner teilt an Stelle von diesem.
says-problem = { $name } kann so nicht geteilt werden: { $reason }.
says-not-published = Kein Aussehen von { $name } ist veröffentlicht: Melde dich mit laufendem Plugin an.
says-published = Das Aussehen von { $name } ist veröffentlicht.
says-not-decided = Du hast nicht gesagt, mit wem { $name } geteilt wird: Beantworte die Frage.
says-shared-with-nobody = { $name } ist mit niemandem geteilt: Teile den Charakter.
says-shared-with-others = { $name } ist mit anderen geteilt, nicht mit { $called }: Füge die Person hinzu.
says-shared-with-them = { $name } ist mit { $called } geteilt.
says-may-see = { $called } darf dich sehen.
says-may-not-see = { $called } darf dich nicht sehen: Erlaube es bei den Berechtigungen.

## Einstellungen
restart-wanted = Manches davon gilt erst ab dem nächsten Start.
set-look = Darstellung
set-language = Sprache
language-system = Wie das System
set-theme = Farben
theme-system = Wie das System
theme-light = Hell
theme-dark = Dunkel
set-text-size = Textgröße
set-compact = Kompakte Liste
set-compact-more = Eine Zeile für jeden Freund.
set-on-top = Fenster über anderen halten
set-start = Starten
set-start-with-computer = Mit dem Rechner starten
set-start-hidden = Im Infobereich starten
set-start-hidden-more = Ohne das Fenster zu zeigen.
set-only-with-plugin = Nur mit dem Spiel online sein
set-only-with-plugin-more = Freunde finden dich, solange das Spiel-Plugin verbunden ist.
set-wine = Spiel-Plugins in Wine oder Proton
wine-auto = Wenn ein Präfix des Spielstarters gefunden wird
wine-on = Einlassen
wine-off = Nicht einlassen
set-tell = Benachrichtigungen
set-tell-more = Durch das System, während dieses Fenster nicht vorn ist. Still in Kampf und Zwischensequenzen.
tell-question = Jemand möchte sich verbinden
tell-online = Ein Freund kommt online
tell-failed = Eine Übertragung schlägt fehl
tell-disk = Der Datenträger ist fast voll
set-new-friends = Was Freunden erlaubt ist
set-new-friends-more = Gilt für alle, für die nichts anderes gesetzt ist.
set-limits = Wie schwer ein Aussehen sein darf
set-limits-more = Schwerere warten, bis du sie erlaubst.
limit-bytes = Größe höchstens
limit-textures = Texturen höchstens
limit-triangles = Dreiecke höchstens
limit-files = Dateien höchstens
set-limit-lan = Auch im lokalen Netz begrenzen
set-network = Netz und Datenträger
discovery = Im lokalen Netz
discovery-off = Niemand findet mich
discovery-friends = Freunde finden mich
discovery-everyone = Alle finden mich
set-port = Port der Verbindungen
set-beacon-port = Port, um Freunde in der Nähe zu finden
port-wrong = Ein Port ist eine Zahl von 0 bis 65535.
set-interfaces = Netzwerkschnittstellen
interfaces-all = Alle
interfaces-loopback = Nur dieser Rechner
set-free-disk = Speicherplatz, der immer frei bleibt
set-internet = Über das Internet
set-rendezvous = Freunde über das Internet finden
set-rendezvous-more = Über öffentliche Relays. Sie sehen deine Internetadresse und welche Adressen miteinander sprechen, niemals Namen, Kennungen oder Aussehen.
set-relays = Relays
set-relay-add = Adresse eines Relays, etwa wss://relay.example.org
set-relay-save = Relay hinzufügen
set-stun = Server, die sagen, wie das Internet dich sieht (STUN)
set-stun-add = Adresse eines Servers, etwa stun.example.org:3478
set-stun-save = Server hinzufügen
set-server-add = Hinzufügen
set-server-remove = { $server } entfernen
set-servers-usual = Zurück zu den üblichen
set-relays-usual = Relays: zurück zu den üblichen
set-stun-usual = STUN-Server: zurück zu den üblichen
relay-idle = Zurzeit nicht gebraucht
relay-connecting = Verbindet …
relay-connected = In Gebrauch
relay-answers = In Gebrauch, antwortet in { $time }
relay-unreachable = Nicht erreicht; wird von selbst wieder versucht
relay-refuses = Lehnt ab: { $words }
set-identity = Identität
set-identity-more = Deine Schlüssel, Freunde und Notizen in einer Datei, für einen anderen Rechner oder den Tag, an dem dieser kaputtgeht. Wer Datei und Passphrase hat, ist du.
passphrase = Deine Passphrase
passphrase-short = Eine Passphrase hat mindestens 8 Zeichen.
passphrase-long = Eine Passphrase hat höchstens 1.024 Bytes.
identity-export = Exportieren …
identity-import = Importieren …
dialog-export = Wo die Identität gespeichert wird
dialog-import = Wähle eine exportierte Identität

## Die ersten Fragen
welcome-step = Frage { $now } von { $all }
welcome-title = Willkommen bei FyteClub
welcome-text = Deine Freunde sehen deinen Charakter wie du, und du siehst ihren: direkt von Rechner zu Rechner.
welcome-name = Wie nennen dich deine Freunde?
welcome-cache = Wo das Aussehen deiner Freunde liegt
welcome-cache-more = Was einmal geladen wurde, wird nicht noch einmal geladen.
welcome-sharing = Was Teilen bedeutet
welcome-sharing-means = Wer deinen Charakter sieht, hat seine Dateien: Was du sendest, haben sie. Sie sehen auch deine Internetadresse. Niemand sieht einen Charakter, bevor du wählst, mit wem er geteilt wird.
welcome-discovery = Wer darf dich in deinem lokalen Netz finden?
welcome-plugin = Das Spiel-Plugin ist noch nicht verbunden
welcome-plugin-more = Es gibt FyteClub dein Aussehen und zeigt das deiner Freunde im Spiel. Installiere es in der Plugin-Verwaltung des Spiels; es wird von selbst gefunden.
welcome-plugin-there = Das Spiel-Plugin ist verbunden
welcome-plugin-there-more = Alles ist bereit. Füge einen Freund hinzu, und ihr seht euch.
welcome-works = Was ohne es geht
welcome-works-friends = Freunde hinzufügen und sich mit ihnen verbinden
welcome-works-fetch = Aussehen laden, damit es bereit ist, wenn du spielst
welcome-works-demo = Die Vorführung: fyteclub demo
welcome-skip = Überspringen
welcome-done = Los geht’s

## Freunde hinzufügen
invite = Mit einem Code
invite-how = Erzeuge einen Code und lies deinem Freund die sechs Wörter vor, oder gib die Wörter ein, die er dir vorliest. Das geht über das Internet.
invite-make = Code erzeugen
invite-again = Neuen Code erzeugen
invite-left = Gilt noch { $time }, für einen Freund. Lass FyteClub so lange laufen.
invite-copy = Wörter kopieren
invite-give-up = Zurückziehen
invite-hint = Sechs Wörter oder ein Link, etwa acid bacon cabin dance eager fabric
invite-join = Freunde werden
invite-joining = Sucht, wer diese Wörter anbietet …
invite-close = Schließen
invite-off = Freunde über das Internet sind in den Einstellungen ausgeschaltet.
invite-friends = Du und { $name } seid jetzt Freunde.
invite-wrong-offered = Jemand hat falsch auf diesen Code geantwortet; er ist verbraucht. Erzeuge einen neuen.
invite-wrong-joined = Die Wörter stimmten nicht, und der Code ist verbraucht. Bitte um einen neuen.
invite-used-up = Jemand anders hat auf diesen Code geantwortet. Bitte um einen neuen.
invite-nobody = Niemand bietet diese Wörter gerade an. Prüfe sie, und ob das Fenster deines Freundes sie noch zeigt.
invite-silent = Das FyteClub deines Freundes ist mittendrin verstummt. Bitte um einen neuen Code.
invite-no-relay = Kein Relay ist erreichbar. Prüfe deine Internetverbindung oder die Relays in den Einstellungen.
invite-expired = Die zehn Minuten sind um. Erzeuge einen neuen Code.
taken-waiting = Wartet, bis dein Freund online kommt …
taken-expired = Die Zeit der Einladung ist um. Bitte um eine neue.
taken-used-up = Die Einladung ist verbraucht oder zurückgenommen. Bitte um eine neue.
link = Mit einem Link
link-how = Sende einen Link im Chat. Wer ihn in seinem FyteClub öffnet, wird dein Freund, sobald ihr beide online seid.
link-make = Link erzeugen
link-lasting = Gilt
link-hour = eine Stunde
link-day = einen Tag
link-week = eine Woche
link-month = 30 Tage
link-uses = Für
link-for-friends = { $count ->
    [one] einen Freund
   *[other] { $count } Freunde
}
link-left = Gilt noch { $time }; { $used } von { $uses } sind gekommen
link-copy = Link kopieren
link-copy-of = Den Link { $id } kopieren
link-drop = Zurücknehmen
link-drop-of = Den Link { $id } zurücknehmen
link-show = QR-Code
link-show-of = QR-Code des Links { $id }
link-qr = Der Link { $id } als QR-Code
link-over = Seine Zeit ist um
taken-from = Einladung von { $id }
taken-drop = Aufgeben
taken-drop-of = Die Einladung von { $id } aufgeben
nearby = In der Nähe
nearby-switch = Alle in der Nähe dürfen mich finden
nearby-for = Für 10 Minuten, in diesem Netz
nearby-left = noch { $time }
nearby-listening = Lauscht … Bitte deinen Freund, dies auch einzuschalten.
nearby-unverified = Jeder kann einen Namen behaupten: Vergleicht die Kennungen, bevor ihr euch verbindet.
nearby-friends = Freunde in diesem Netz finden einander
my-id = Zeig ihnen deine Kennung
my-id-more = Freunde können sie vergleichen oder mit dem Telefon von deinem Bildschirm lesen.
qr-name = Deine Kennung als QR-Code
by-address = Über die Adresse
by-address-how = Frage deinen Freund nach der Adresse: ein Name oder eine Nummer, mit dem Port hinter einem Doppelpunkt, wenn er nicht der übliche ist.
by-address-hint = Adresse, etwa 192.168.1.20
listening = Freunde erreichen dich auf Port { $port }
listening-not = Dein eigener Port ist noch nicht offen

## Fragen
stranger-nameless = Jemand
stranger-title = { $name } möchte sich verbinden
stranger-says = Nennt sich
stranger-unverified = Nicht bestätigt
stranger-id = Kurze Kennung
stranger-from = Kommt von
stranger-here = diesem Rechner
stranger-lan = deinem Netz
stranger-check = Jeder kann einen Namen behaupten. Frage deinen Freund, ob seine Kennung mit diesen Zeichen beginnt.
stranger-changed = { $name }, mit dir befreundet, hat einen anderen Schlüssel ({ $id }). Entweder ein Neuanfang, oder jemand gibt sich dafür aus. Frage auf anderem Weg nach, bevor du diese Person einlässt.
stranger-asked = Ich habe gefragt, und es stimmt
accept-once = Einmal einlassen
accept = Freund hinzufügen
not-now = Nicht jetzt
new-character-title = { $character } teilen?
new-character-text = Dieser Charakter ({ $world }) ist neu hier. Niemand sieht ihn, bis du wählst. Du kannst es jederzeit unter „Meine Charaktere“ ändern.
conflict-title = Wem gehört { $character }?
conflict-text = Zwei deiner Freunde zeigen diesen Charakter. Nur einer kann ihn kleiden.
conflict-owner = Zeigte ihn zuerst
conflict-claimant = Beansprucht ihn auch
conflict-choose = Er gehört { $name }
code-title = Mit { $name } vergleichen
code-text = { $name } sieht auch einen Code. Lest ihn einander mit einer Stimme vor, die ihr kennt.
code-equal = Sie sind gleich
code-differ = Sie sind verschieden
code-waiting = Wartet darauf, dass { $name } dasselbe sagt …

## Momente
notice-connected = { $name } ist da
notice-disconnected = { $name } ging weg
notice-applied = Du siehst { $character } wie { $name }
notice-shown-again = { $count ->
    [0] Nichts neu zu zeigen: Kein Aussehen von dort ist nah und vollständig.
    [one] Ein Aussehen wird neu gezeigt.
   *[other] { $count } Aussehen werden neu gezeigt.
}
notice-shown-again-no-plugin = Nichts kann gezeigt werden: Das Spiel-Plugin ist nicht verbunden.
notice-sent-again = { $count ->
    [one] Ein Aussehen von dir wird { $name } neu angekündigt.
   *[other] { $count } Aussehen von dir werden { $name } neu angekündigt.
}
notice-sent-again-nothing = Nichts von dir ist mit { $name } geteilt: Wähle es unter „Meine Charaktere“.
notice-disk = Der Datenträger des Zwischenspeichers ist fast voll: { $free } sind frei. Verkleinere den Zwischenspeicher oder schaffe Platz.
notify-open = Öffne FyteClub, um zu antworten.
notice-verified = { $name } ist bestätigt
notice-unverified = Die Codes sind verschieden oder wurden nicht bestätigt: { $name } ist nicht bestätigt

## Der Infobereich
tray-open = FyteClub öffnen
tray-prompts = { $count ->
    [one] Eine Frage wartet …
   *[other] { $count } Fragen warten …
}
tray-invite = Einen Freund mit einem Code einladen
tray-discover = Alle in der Nähe dürfen mich 10 Minuten lang finden
tray-quit = Beenden
tray-show-again = Alles Aussehen neu zeigen
tray-pause-half-hour = 30 Minuten pausieren
tray-pause-hour = Eine Stunde pausieren
tray-pause = Pausieren, bis ich fortsetze
tray-status-no-plugin = Offline, bis das Spiel-Plugin verbunden ist
tray-status = { $here ->
    [0] Kein Freund ist da
    [one] Ein Freund ist da
   *[other] { $here } Freunde sind da
}
tray-status-fetching = { $count ->
    [one] Lädt ein Aussehen
   *[other] Lädt { $count } Aussehen
}
tray-status-paused = Pausiert
tray-kept = FyteClub läuft im Infobereich weiter.
tray-absent = Hier gibt es keinen Infobereich, darum bleibt FyteClub als kleines Fenster. Beenden ist unten links.

### Every text of the window and the tray.
### Names of keys: the place first, then what is said there. A translation has exactly the same keys.

## Numbers
decimal-separator = .
group-separator = ,
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
day-today = Today
day-yesterday = Yesterday
day-ago = { $days } days ago
files = { $count ->
    [one] One file
   *[other] { $count } files
}
textures = textures { $size }
triangles = { $count } triangles
# Two facts in one line.
joined = { $first } · { $second }
and = { $first } and { $second }
# A sentence and whom it is about.
about = { $whom }: { $text }

## The frame
demo-ribbon = Demo · everybody here is made up and lives on this computer
ending = FyteClub is ending…
busy = FyteClub is busy. Please try again.
open-failed = { $folder } cannot be opened: { $reason }
dialog-picture = Choose the picture that your friends see
dialog-cache = Choose an empty folder for the cache
failure-title = FyteClub could not start
failure-close = Close
page-friends = Friends
page-add = Add a friend
page-characters = My characters
page-transfers = Transfers
page-cache = Cache
page-diagnostics = Diagnostics
page-settings = Settings
quit = Quit FyteClub
pause = Pause
cancel = Cancel
retry = Try again
back-to = Back to { $page }
back = Back
next = Next
save-what = Save: { $what }
lacks-plugin = You look offline until the game plugin is connected, as you set it.
ago = { $time } ago
pause-all = Pause everything
resume = Resume
paused = Paused: to your friends you look offline.
paused-for = Paused for { $time }: to your friends you look offline.
elsewhere = This identity also runs on another computer, started later; this one has stopped sharing. To share from here, end FyteClub there, or start it anew here.
look = Look
save = Save
connect = Connect
connect-to = Connect to { $name }
block = Block
remove = Remove
keep = Keep
prompts-waiting = { $count ->
    [one] One question is waiting for you.
   *[other] { $count } questions are waiting for you.
}

## Me
me-nameless = No name yet
me-id = fyte1{ $id }…
me-copy = Copy my whole id
me-copied = Copied
me-name = Your name
me-name-hint = The name your friends see
me-name-seen = Friends see this name beside your id. A name proves nothing; the id does.
me-id-whole = Your id
name-empty = A name needs at least one visible character.
name-long = A name can have at most 64 bytes.
name-control = A name cannot hold line breaks or invisible marks.
picture-choose = Choose a picture…
picture-change = Change the picture…
picture-remove = Remove it
picture-more = PNG or JPEG up to 1 MiB. Only friends see it.
seen-by = Seen now by { $names }
seen-by-nobody = Nobody sees it at the moment
largest = Largest files
against-limits = { $share } % of what most people accept
my-characters = Your characters
my-characters-none = None yet
my-characters-none-more = Log in with the game plugin, and your characters appear here.
character = { $name } · { $world }
published-not = Nothing has been published yet
published = { $files ->
    [one] One file
   *[other] { $files } files
}, { $size } · { $count ->
    [0] no friend was told yet
    [one] one friend was told
   *[other] { $count } friends were told
}
share-with = Shared with: { $audience }
share-of = { $character } is shared with: { $audience }. Change it
audience-ask = not decided yet
audience-nobody = Nobody
audience-all = All friends
audience-choose = Choose friends…
audience-only = Only with
audience-chosen = { $count ->
    [one] one friend
   *[other] { $count } friends
}
audience-chosen-share = { $count ->
    [0] Tick at least one friend
    [one] Share with one friend
   *[other] Share with { $count } friends
}
version = FyteClub { $version }

## Friends
search = Search friends
search-none = Nobody of that name
search-none-more = The search looks at names, characters and ids.
friends-none = No friends here yet
friends-none-more = Add a friend who is near, or by their address. Both of you see each other's characters from then on.
friends-first = Add a friend
sort = Group and sort
group-by = Group by
group-state = How they stand
group-tags = Tags
sort-by = Sort by
sort-name = Name
sort-recent = Last exchange
sort-amount = Most received
section-near = Near you in the game · { $count }
section-here = Online · { $count }
section-away = Offline · { $count }
section-paused = Paused · { $count }
section-blocked = Blocked · { $count }
section-tag = { $tag } · { $count }
section-untagged = Without a tag · { $count }
section-open = Show: { $section }
section-close = Hide: { $section }
details-of = All about { $name }
pause-of = Pause { $name }
pause-tag = Pause all of them
resume-tag = Resume all of them
resume-of = Resume { $name }
allow-once = Allow once
allow-once-of = Allow this look of { $character } once
allow-always = Always
allow-always-of = Always allow looks of { $character }
hold-back = Hold back again
hold-back-of = Hold looks of { $character } back when they are over the limits
menu-details = All about them
menu-copy-id = Copy their id
refusal-see-me = They do not see you
refusal-show-them = You do not see their characters
refusal-sounds = Without their sounds
refusal-animations = Without their animations
refusal-effects = Without their effects
plugin-none = The game plugin is not connected. Friends still connect and their looks are fetched; they show once you are in the game.
plugin-nobody = The game plugin is connected; nobody is logged in
plugin-as = In the game as { $character } · { $world }
plugin-busy = In the game; looks are held back during combat and cutscenes
menu-of = More about { $name }
menu-unblock = Unblock
menu-befriend = Add as a friend
menu-reconnect = Connect now
menu-resync = Show everything anew
menu-check = Check and fetch again
menu-send-again = Send mine again
menu-why = Why do I not see them?
menu-verify = Compare a code…
menu-remove = Remove…
menu-block = Block…
permission-see-me = They may see my characters
permission-show-them = Show me their characters
permission-sounds = With their sounds
permission-animations = With their animations
permission-effects = With their effects
remove-title = Remove { $name }?
remove-text = You will no longer see each other's characters. You can add each other again at any time.
block-title = Block { $name }?
block-text = They will never be let in again and never hear why, until you unblock them.

## How a friend stands
trust-blocked = Blocked
trust-once = Let in once
trust-friend = Friend
trust-verified = Verified
state-connecting = Connecting…
state-waiting = Waiting for them to let you in
state-offline = Offline
state-paused = Paused
state-blocked = Blocked
state-connected = Connected
state-connected-empty = Connected; nothing to show yet
state-asking = Asking how { $character } looks
state-fetching = Fetching how { $character } looks
state-fetching-many = Fetching how { $count } characters look
state-applying = About to show { $character }
state-applied = Showing { $character }
state-applied-many = Showing { $count } characters
state-ready = { $character } is ready, and shown when near
state-cancelled = Cancelled until their next look
state-not-wanted = Connected; you do not show their characters
route-lan = Local network
route-direct = Direct
retry-in = trying again in { $time }
offline-no-way = No way was found between your two networks
retry-now = trying again
warning-heavy = { $character } is heavier than your limits: { $size } in { $files } files.
warning-conflict = Two friends say that { $character } is theirs. Only the first is shown until you choose.

look-not-wanted = Not shown: you do not show their characters
look-gone = Taken off

## One friend
friend-gone = No longer here
friend-gone-more = They were removed.
friend-own-name = Calls themselves { $name }
friend-wears = What they wear
friend-wears-nothing = Nothing is announced. Characters appear here when they log in with the plugin and share them with you.
friend-sees = What they see of you
friend-sees-nothing = None of your characters is shared with them.
friend-permissions = What is allowed
friend-label = Your notes
friend-label-more = Only on this computer; never sent.
friend-nickname = Nickname
friend-nickname-save = Save the nickname
friend-tag = New tag
friend-tag-add = Add the tag
friend-untag = Remove the tag { $tag }
friend-note = Note
friend-note-save = Save the note
friend-notices = Tell me when they come, go or change
friend-connection = Connection
friend-route = Way
friend-state = State
friend-address = Address
friend-since = Connected for
friend-received = Received
friend-sent = Sent
friend-program = Their program
friend-history = In the last 90 days
history-received = Received
history-sent = Sent
history-looks = Looks
history-amount = { $received } in · { $sent } out
history-clear = Forget this
history-clear-yes = Forget
history-clear-title = Forget what went between { $name } and you?
history-clear-all-title = Forget what went between your friends and you?
history-clear-text = Only the record of amounts and days goes. Friends, looks and notes stay.
label-long-note = A note can have at most 2,000 characters.
label-long-tag = A tag can have at most 32 characters.
label-empty-tag = A tag needs at least one visible character.
label-many-tags = A friend can have at most 16 tags.

timeline = What happened
event-connected = Connected: { $route }, { $remote }
event-failed = Not connected: { $reason }
event-ended = Ended: { $reason }
event-times = { $event } ({ $times } times)
graph-round-trip = Round trip over the last five minutes

## Transfers
transfers-now = Now
transfers-none-more = What friends wear is fetched by itself when it changes.
transfer-is-first = Fetched before all others
transfer-files = { $done } of { $total } files
upload-of = { $character } to { $name }
upload-to = To { $name }
upload-sent = { $size } sent
upload-ended = done
last-minutes = The last five minutes
graph-rates = Rates over the last five minutes
rate-limits = Rate limits
rate-down = Receive at most
rate-up = Send at most
rate-unlimited = As fast as the line
history = The last 90 days
history-none = Nothing went to or from friends yet.
history-total = All together
transfer-first = Fetch first
transfer-first-of = Fetch { $character } before all others
transfer-retry = Try to fetch { $character } again
transfer-of = How { $character } looks
transfer-from = { $character } from { $name }
transfer-amount = { $done } of { $total }
transfer-left = { $time } left
transfer-stalled = waiting
transfer-done = All { $total } in { $time }
transfer-cancel = Cancel fetching { $character }
transfers = { $count ->
    [one] One transfer
   *[other] { $count } transfers
}
transfers-none = No transfers
transfers-done = All transfers are done
transfers-fold = Hide the transfers
transfers-unfold = Show the transfers

## The cache
cache-used = What it holds
cache-size = { $used } of { $limit }
cache-extent = { $size } · { $files } files
cache-more-friends = { $count ->
    [one] One more friend
   *[other] { $count } more friends
}
cache-rest = Looks of before
cache-free = Free on the disk
cache-limit = How large it may get
cache-limit-name = Greatest size
cache-limit-more = When it is full, what was shown longest ago goes first. What is being shown stays.
cache-care = Care
cache-folder = In { $folder }
cache-verify = Check every file
cache-move = Move…
cache-open = Open the folder
cache-clear = Empty it…
cache-verifying = Checking every file
cache-moving = Moving to { $folder }
cache-leaving = The new folder is in use; the old one goes as soon as no game draws from it
cache-cancel = End the check or the move
cache-clear-yes = Empty it
cache-clear-title = Empty the cache?
cache-clear-text = Files of looks that are not shown at the moment are removed. They are fetched again when they are needed.

## Diagnostics
why = Why do I not see somebody?
why-whom = Whom
why-choose = Choose a friend…
why-nobody = There are no friends yet: add one first.
network = This computer's network
network-signal-port = Port for finding each other (TCP)
network-link-port = Port for everything else (UDP)
network-router = Router
router-unknown = Not asked yet
router-open = None: the internet reaches this computer
router-even = An ordinary one
router-strict = A strict one: some friends can be reached only if a port is forwarded
router-blocked = No server answers: UDP may be blocked
network-mapped = Seen from the internet as
network-heard = Heard nearby
network-heard-amount = { $friends } signs of friends, { $others } of others
network-none = No network interface was found.
network-broadcasts = { $address }, searched for friends
log = Log
log-filter = Filter the log
log-level = Show
log-follow = Follow the newest line
log-copy = Copy
log-empty = Nothing of that in the log.
log-count = { $count } lines
level-error = Errors only
level-warn = Errors and warnings
level-info = What happens
level-debug = Everything
report = Report
report-more = A file for whoever helps you. Names, ids, addresses and folders are taken out of it.
report-save = Save a report…
report-saved = The report was saved as { $file }.
report-failed = The report could not be saved: { $reason }
dialog-report = Save the report

## Reasons
about-connection = The connection to { $called }
about-what = What { $called } shows you
about-looks = How { $name } looks
about-seen = How { $called } sees { $name }
says-blocked = You have blocked { $called }: unblock them to connect.
says-let-in-once = You have let { $called } in until the program ends.
says-friend = { $called } is a friend.
says-lacks-plugin = No game plugin is connected, and you are online only with one: start the game, or change that setting.
says-all-paused = FyteClub is paused: resume it.
says-paused = You have paused { $called }: resume them.
says-nothing-paused = Nothing is paused.
says-connected = You are connected to { $called }.
says-connecting = The connection to { $called } is being made: wait a moment.
says-not-let-in = { $called } has not let you in yet: ask them to accept you.
says-no-way-mine-blocked = Your network lets no UDP through, which a connection needs: use another network, or ask whoever runs this one.
says-no-way-theirs-blocked = { $called }’s network lets no UDP through, which a connection needs: they can use another, or ask whoever runs theirs.
says-no-way-both-strict = You and { $called } are both behind strict routers, so a direct connection is not possible: forward UDP port { $port } to this computer, or have them forward theirs.
says-no-way-mine-strict = Your router is a strict one and { $called }’s lets in only answers, so a direct connection is not possible: forward UDP port { $port } to this computer, or have them forward theirs.
says-no-way-theirs-strict = { $called }’s router is a strict one and yours lets in only answers, so a direct connection is not possible: forward UDP port { $port } to this computer, or have them forward theirs.
says-no-way-unclear = { $called } is there, but no way for a connection was found: a firewall may be between; on both sides allow FyteClub, and UDP port { $port } in.
says-unreachable = { $called } cannot be reached ({ $reason }): ask whether their FyteClub is running and has you as a friend.
says-discovery-off = { $called } is not heard of, and discovery is off: switch it on, or connect by address.
says-offline = { $called } is offline: ask whether their FyteClub is running; on another network, connect by address.
says-not-wanted-link = No connection to { $called } is wanted.
says-shows-nothing = { $called } shows you no character: ask them to log in with the plugin running, and to share the character with you.
says-shows = { $called } shows { $name } to you.
says-no-plugin = No game plugin is connected: start the game with the FyteClub plugin.
says-plugin-there = The game plugin is connected.
says-near = { $name } is near in the game.
says-not-near = { $name } is not near in the game: it is shown when you meet.
says-busy = You are in combat or a cutscene: looks change when it is over.
says-free = Nothing holds looks back.
says-not-shown = You do not show { $called }'s characters: allow it in their permissions.
says-own-character = The character is your own: your own game draws it, nobody else.
says-too-heavy = The look is over your limits by { $by }: allow it once or always, raise the limits, or ask for a lighter look.
says-conflict = Another friend shows the same character: choose whose it is.
says-gone = { $called } went away or took the look off.
says-cancelled = You cancelled this look: retry to fetch it after all.
says-wanted = You want to see it.
says-asking = The list of { $name }'s files has been asked for: wait a moment.
says-fetching = { $name }'s files are being fetched: see the transfers.
says-failed = It failed: { $reason }. It is tried again by itself, or at once with a retry.
says-all-here = All of its files are here.
says-applied = { $name } is shown.
says-applying = The game plugin was told to show it: wait a moment.
says-not-yet = It has not been shown yet: wait a moment, then resync.
says-nobody-else = No other computer shares in this one's place.
says-problem = { $name } cannot be shared as it looks now: { $reason }.
says-not-published = No look of { $name } is published: log in with the plugin running.
says-published = { $name }'s look is published.
says-not-decided = You have not said with whom { $name } is shared: answer the question.
says-shared-with-nobody = { $name } is shared with nobody: share it.
says-shared-with-others = { $name } is shared with others, not with { $called }: add them to its friends.
says-shared-with-them = { $name } is shared with { $called }.
says-may-see = { $called } may see you.
says-may-not-see = { $called } may not see you: allow it in their permissions.

## Settings
restart-wanted = Some of this holds from the next start on.
set-look = Look
set-language = Language
language-system = As the system
set-theme = Theme
theme-system = As the system
theme-light = Light
theme-dark = Dark
set-text-size = Size of text
set-compact = Compact list
set-compact-more = One line for each friend.
set-on-top = Keep the window above others
set-start = Start
set-start-with-computer = Start with the computer
set-start-hidden = Start in the tray
set-start-hidden-more = Without showing the window.
set-only-with-plugin = Be online only with the game
set-only-with-plugin-more = Friends find you while the game plugin is connected.
set-wine = Game plugins in Wine or Proton
wine-auto = If a game launcher's prefix is found
wine-on = Let in
wine-off = Do not let in
set-tell = Notifications
set-tell-more = By the system, while this window is not in front. Quiet during combat and cutscenes.
tell-question = Somebody wants to connect
tell-online = A friend comes online
tell-failed = A transfer fails
tell-disk = The disk is nearly full
set-new-friends = What friends are allowed
set-new-friends-more = Holds for everybody for whom nothing else is set.
set-limits = How heavy a look may be
set-limits-more = Heavier ones wait until you allow them.
limit-bytes = Size at most
limit-textures = Textures at most
limit-triangles = Triangles at most
limit-files = Files at most
set-limit-lan = Limit on the local network too
set-network = Network and disk
discovery = On the local network
discovery-off = Nobody finds me
discovery-friends = Friends find me
discovery-everyone = Everyone finds me
set-port = Port
set-beacon-port = Port for finding friends nearby
port-wrong = A port is a number from 0 to 65535.
set-interfaces = Network interfaces
interfaces-all = All
interfaces-loopback = This computer only
set-free-disk = Disk space that always stays free
set-internet = Across the internet
set-rendezvous = Find friends across the internet
set-rendezvous-more = By public relays. They see your internet address and which addresses speak with each other; never names, ids or looks.
set-relays = Relays
set-relay-add = Address of a relay, such as wss://relay.example.org
set-relay-save = Add the relay
set-stun = Servers that say how the internet sees you (STUN)
set-stun-add = Address of a server, such as stun.example.org:3478
set-stun-save = Add the server
set-server-add = Add
set-server-remove = Remove { $server }
set-servers-usual = Back to the usual ones
set-relays-usual = Relays: back to the usual ones
set-stun-usual = STUN servers: back to the usual ones
relay-idle = Not needed now
relay-connecting = Connecting…
relay-connected = In use
relay-answers = In use, answers in { $time }
relay-unreachable = Not reached; tried again by itself
relay-refuses = Refuses: { $words }
set-identity = Identity
set-identity-more = Your keys, friends and notes in one file, for another computer or for the day this one breaks. Whoever has the file and the passphrase is you.
passphrase = Passphrase
passphrase-short = A passphrase has at least 8 characters.
passphrase-long = A passphrase has at most 1,024 bytes.
identity-export = Export…
identity-import = Import…
dialog-export = Where the identity is saved
dialog-import = Choose an exported identity

## The first questions
welcome-step = Question { $now } of { $all }
welcome-title = Welcome to FyteClub
welcome-text = Your friends see your character as you do, and you see theirs, directly from computer to computer.
welcome-name = What do your friends call you?
welcome-cache = Where friends' looks are kept
welcome-cache-more = What was fetched once is not fetched again.
welcome-sharing = What sharing means
welcome-sharing-means = Whoever sees your character has its files: what you send, they have. They also see your internet address. Nobody sees a character before you choose with whom it is shared.
welcome-discovery = Who may find you on your local network?
welcome-plugin = The game plugin is not connected yet
welcome-plugin-more = It hands your look to FyteClub and shows your friends' looks in the game. Install it in the game's plugin installer; it is found by itself.
welcome-plugin-there = The game plugin is connected
welcome-plugin-there-more = Everything is ready. Add a friend, and you see each other.
welcome-works = What works without it
welcome-works-friends = Adding friends and connecting to them
welcome-works-fetch = Fetching looks, so that they are ready when you play
welcome-works-demo = The demo: fyteclub demo
welcome-skip = Skip all
welcome-done = Begin

## Adding friends
invite = With a code
invite-how = Make a code and read its six words to your friend, or type the words that they read to you. It works across the internet.
invite-make = Make a code
invite-again = Make a new code
invite-left = Good for { $time }, for one friend. Keep FyteClub running.
invite-copy = Copy the words
invite-give-up = Give it up
invite-hint = Six words or a link, such as acid bacon cabin dance eager fabric
invite-join = Become friends
invite-joining = Looking for whoever offers these words…
invite-close = Close
invite-off = Friends across the internet are switched off in the settings.
invite-friends = You and { $name } are friends now.
invite-wrong-offered = Somebody answered this code wrongly, so it is used up. Make a new one.
invite-wrong-joined = The words were not right, and the code is used up. Ask for a new one.
invite-used-up = Somebody else has answered this code. Ask for a new one.
invite-nobody = Nobody offers these words just now. Check them, and whether your friend’s window still shows them.
invite-silent = Your friend’s FyteClub went silent in the middle. Ask for a new code.
invite-no-relay = No relay can be reached. Check your internet connection, or the relays in the settings.
invite-expired = The ten minutes are over. Make a new code.
taken-waiting = Waiting for your friend to come online…
taken-expired = The invitation’s time is over. Ask for a new one.
taken-used-up = The invitation has been used up or taken back. Ask for a new one.
link = With a link
link-how = Send a link by chat. Whoever opens it in their FyteClub becomes your friend as soon as you both are online.
link-make = Make a link
link-lasting = Good for
link-hour = one hour
link-day = one day
link-week = one week
link-month = 30 days
link-uses = For
link-for-friends = { $count ->
    [one] one friend
   *[other] { $count } friends
}
link-left = Good for { $time }; { $used } of { $uses } have come
link-copy = Copy the link
link-copy-of = Copy the link { $id }
link-drop = Take back
link-drop-of = Take the link { $id } back
link-show = QR code
link-show-of = QR code of the link { $id }
link-qr = The link { $id } as a QR code
link-over = Its time is over
taken-from = Invitation of { $id }
taken-drop = Give up
taken-drop-of = Give up the invitation of { $id }
nearby = Nearby
nearby-switch = Let everyone nearby find me
nearby-for = For 10 minutes, on this network
nearby-left = { $time } left
nearby-listening = Listening… Ask your friend to switch this on too.
nearby-unverified = Anyone can claim a name: compare ids before you connect.
nearby-friends = Friends on this network find each other
my-id = Show them your id
my-id-more = Friends can compare it, or read it from your screen with a phone.
qr-name = Your id as a QR code
by-address = By address
by-address-how = Ask your friend for their address: a name or number, with the port behind a colon if it is not the usual one.
by-address-hint = Address, such as 192.168.1.20
listening = Friends reach you on port { $port }
listening-not = Your own port is not open yet

## Questions
stranger-nameless = Somebody
stranger-title = { $name } wants to connect
stranger-says = Says they are
stranger-unverified = Not verified
stranger-id = Short id
stranger-from = Comes from
stranger-here = this computer
stranger-lan = your network
stranger-check = Anyone can claim a name. Ask your friend whether their id begins with these letters.
stranger-changed = Your friend { $name } has another key ({ $id }). Either they began anew, or somebody pretends to be them. Ask them in another way before you let this one in.
stranger-asked = I asked them, and it is them
accept-once = Accept once
accept = Add friend
not-now = Not now
new-character-title = Share { $character }?
new-character-text = This character ({ $world }) is new here. Nobody sees it until you choose. You can change it at any time under “My characters”.
conflict-title = Whose is { $character }?
conflict-text = Two of your friends show this character. Only one of them can dress it.
conflict-owner = Showed it first
conflict-claimant = Claims it too
conflict-choose = It belongs to { $name }
code-title = Compare with { $name }
code-text = { $name } sees a code too. Read it to each other over a voice that you know.
code-equal = They are equal
code-differ = They differ
code-waiting = Waiting for { $name } to say the same…

## Moments
notice-connected = { $name } is here
notice-disconnected = { $name } went away
notice-applied = You see { $character } as { $name } does
notice-shown-again = { $count ->
    [0] There is nothing to show anew: no look of theirs is near and complete.
    [one] One look is shown anew.
   *[other] { $count } looks are shown anew.
}
notice-shown-again-no-plugin = Nothing can be shown: the game plugin is not connected.
notice-sent-again = { $count ->
    [one] One look of yours is announced to { $name } anew.
   *[other] { $count } looks of yours are announced to { $name } anew.
}
notice-sent-again-nothing = Nothing of yours is shared with { $name }: choose it under “My characters”.
notice-disk = The cache's disk is nearly full: { $free } are free. Lower the cache's limit, or make room.
notify-open = Open FyteClub to answer.
notice-verified = { $name } is verified
notice-unverified = The codes differ, or were not confirmed: { $name } is not verified

## The tray
tray-open = Open FyteClub
tray-prompts = { $count ->
    [one] One question is waiting…
   *[other] { $count } questions are waiting…
}
tray-invite = Invite a friend with a code
tray-discover = Let everyone nearby find me for 10 minutes
tray-quit = Quit
tray-show-again = Show all looks anew
tray-pause-half-hour = Pause for 30 minutes
tray-pause-hour = Pause for an hour
tray-pause = Pause until I resume
tray-status-no-plugin = Offline until the game plugin is connected
tray-status = { $here ->
    [0] No friend is here
    [one] One friend is here
   *[other] { $here } friends are here
}
tray-status-fetching = { $count ->
    [one] Fetching one look
   *[other] Fetching { $count } looks
}
tray-status-paused = Paused
tray-kept = FyteClub goes on in the tray.
tray-absent = There is no tray here, so FyteClub stays as a small window. Quit is at the lower left.

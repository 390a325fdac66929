### ウィンドウとトレイのすべての文言。

## 数
decimal-separator = .
group-separator = ,
size-b = { $n } B
size-kib = { $n } KiB
size-mib = { $n } MiB
size-gib = { $n } GiB
rate = { $size }/秒
duration-s = { $s }秒
duration-min = { $m }分{ $s }秒
duration-h = { $h }時間{ $m }分
duration-d = { $d }日{ $h }時間
milliseconds = { $n } ミリ秒
day-today = 今日
day-yesterday = 昨日
day-ago = { $days }日前
files = { $count ->
   *[other] { $count }ファイル
}
textures = テクスチャ { $size }
triangles = ポリゴン { $count }
joined = { $first } · { $second }
and = { $first }、{ $second }
about = { $whom }：{ $text }

## 枠
demo-ribbon = デモ · ここの人はみな架空で、このパソコンの中にいます
ending = FyteClub を終了しています…
busy = FyteClub は処理中です。もう一度お試しください。
open-failed = { $folder } を開けません：{ $reason }
dialog-picture = フレンドに見せる画像を選んでください
dialog-cache = キャッシュ用の空のフォルダを選んでください
failure-title = FyteClub を起動できませんでした
failure-close = 閉じる
page-friends = フレンド
page-add = フレンドを追加
page-characters = 自分のキャラクター
page-transfers = 転送
page-cache = キャッシュ
page-diagnostics = 診断
page-settings = 設定
quit = FyteClub を終了
pause = 一時停止
cancel = キャンセル
retry = 再試行
back-to = { $page }に戻る
back = 戻る
next = 次へ
save-what = 保存：{ $what }
lacks-plugin = 設定どおり、ゲームのプラグインが接続するまでオフライン表示になります。
ago = { $time }前
pause-all = すべて一時停止
resume = 再開
paused = 一時停止中：フレンドにはオフラインに見えます。
paused-for = あと{ $time }一時停止中：フレンドにはオフラインに見えます。
elsewhere = この ID は後から起動した別のパソコンでも動いているため、こちらでは共有を止めました。こちらで共有するには、向こうの FyteClub を終了するか、こちらを再起動してください。
look = 見る
save = 保存
connect = 接続
connect-to = { $name } に接続
block = ブロック
remove = 削除
keep = やめる
prompts-waiting = { $count ->
   *[other] { $count }件の確認が待っています。
}

## 自分
me-nameless = 名前なし
me-id = fyte1{ $id }…
me-copy = 自分の ID 全体をコピー
me-copied = コピーしました
me-name = あなたの名前
me-name-hint = フレンドに見える名前
me-name-seen = フレンドには ID の横にこの名前が見えます。名前は証明になりません。証明になるのは ID です。
me-id-whole = あなたの ID
name-empty = 名前には見える文字が 1 つ以上必要です。
name-long = 名前は 64 バイトまでです。
name-control = 名前に改行や見えない文字は使えません。
picture-choose = 画像を選ぶ…
picture-change = 画像を変える…
picture-remove = 画像を外す
picture-more = 1 MiB までの PNG か JPEG。見えるのはフレンドだけです。
seen-by = いま見ている人：{ $names }
seen-by-nobody = いまは誰も見ていません
largest = 大きいファイル
against-limits = 多くの人が受け入れる量の { $share } %
my-characters = あなたのキャラクター
my-characters-none = まだありません
my-characters-none-more = ゲームのプラグインでログインすると、ここにキャラクターが現れます。
character = { $name } · { $world }
published-not = まだ何も公開されていません
published = { $files }ファイル、{ $size } · { $count ->
    [0] まだ誰にも伝えていません
   *[other] フレンド{ $count }人に伝えました
}
share-with = 共有先：{ $audience }
share-of = { $character } の共有先：{ $audience }。変更する
audience-ask = 未定
audience-nobody = 誰にも見せない
audience-all = すべてのフレンド
audience-choose = フレンドを選ぶ…
audience-only = この人だけに
audience-chosen = { $count ->
   *[other] フレンド{ $count }人
}
audience-chosen-share = { $count ->
    [0] 1 人以上選んでください
   *[other] フレンド{ $count }人と共有
}
version = FyteClub { $version }

## フレンド
search = フレンドを検索
search-none = その名前の人はいません
search-none-more = 名前、キャラクター、タグ、メモ、ID から探します。
friends-none = フレンドはまだいません
friends-none-more = 近くの人、またはアドレスからフレンドを追加してください。それからお互いのキャラクターが見えます。
friends-first = フレンドを追加
sort = まとめ方と並び順
group-by = まとめ方
group-state = 状態
group-tags = タグ
sort-by = 並び順
sort-name = 名前
sort-recent = 最近のやりとり
sort-amount = 受信の多い順
section-near = ゲーム内で近く · { $count }
section-here = オンライン · { $count }
section-away = オフライン · { $count }
section-paused = 一時停止中 · { $count }
section-blocked = ブロック中 · { $count }
section-tag = { $tag } · { $count }
section-untagged = タグなし · { $count }
section-open = 表示：{ $section }
section-close = 隠す：{ $section }
details-of = { $name } のすべて
pause-of = { $name } を一時停止
pause-tag = 全員を一時停止
resume-tag = 全員を再開
resume-of = { $name } を再開
allow-once = 今回だけ許可
allow-once-of = { $character } のこの外見を今回だけ許可
allow-always = いつも許可
allow-always-of = { $character } の外見をいつも許可
hold-back = また保留にする
hold-back-of = 上限を超える { $character } の外見を保留にする
menu-details = この人のすべて
menu-copy-id = ID をコピー
refusal-see-me = 相手にあなたは見えません
refusal-show-them = 相手のキャラクターを表示しません
refusal-sounds = 相手のサウンドなし
refusal-animations = 相手のアニメーションなし
refusal-effects = 相手のエフェクトなし
plugin-none = ゲームのプラグインが接続されていません。それでもフレンドとつながり、外見は取得されます。ゲームに入ると表示されます。
plugin-nobody = ゲームのプラグインは接続中。ログインしていません
plugin-as = { $character } · { $world } でゲーム中
plugin-busy = ゲーム中。戦闘とカットシーンの間は外見を変えません
menu-of = { $name } のメニュー
menu-unblock = ブロックを解除
menu-befriend = フレンドに追加
menu-reconnect = いま接続
menu-resync = すべて表示し直す
menu-check = 確認して取得し直す
menu-send-again = 自分の外見を送り直す
menu-why = なぜ見えない？
menu-verify = コードを比べる…
menu-remove = 削除…
menu-block = ブロック…
permission-see-me = 自分のキャラクターを見せる
permission-show-them = 相手のキャラクターを表示する
permission-sounds = 相手のサウンドも
permission-animations = 相手のアニメーションも
permission-effects = 相手のエフェクトも
remove-title = { $name } を削除しますか？
remove-text = お互いのキャラクターが見えなくなります。いつでもまた追加できます。
block-title = { $name } をブロックしますか？
block-text = 解除するまで二度と入れず、理由も伝わりません。

## フレンドの状態
trust-blocked = ブロック中
trust-once = 今回だけ
trust-friend = フレンド
trust-verified = 確認済み
state-connecting = 接続中…
state-waiting = 相手の承認を待っています
state-offline = オフライン
state-paused = 一時停止中
state-blocked = ブロック中
state-connected = 接続済み
state-connected-empty = 接続済み。まだ見せるものはありません
state-asking = { $character } の外見を問い合わせ中
state-fetching = { $character } の外見を取得中
state-fetching-many = { $count }人のキャラクターの外見を取得中
state-applying = まもなく { $character } を表示
state-applied = { $character } を表示中
state-applied-many = { $count }人のキャラクターを表示中
state-ready = { $character } は準備完了。近くで表示されます
state-cancelled = 次の外見まで取り消し
state-not-wanted = 接続済み。キャラクターは表示しません
route-lan = ローカルネットワーク
route-direct = 直接
retry-in = { $time }後に再試行
offline-no-way = 二つのネットワークの間に道が見つかりませんでした
retry-now = 再試行中
warning-heavy = { $character } は上限を超えています：{ $size }、{ $files }ファイル。
warning-conflict = 2 人のフレンドが { $character } を自分のものだと言っています。選ぶまで先の人だけ表示します。

look-not-wanted = 非表示：相手のキャラクターを表示しない設定です
look-gone = 外されました

## フレンド 1 人
friend-gone = もういません
friend-gone-more = 削除されました。
friend-own-name = 本人の名乗り：{ $name }
friend-wears = 相手の外見
friend-wears-nothing = まだ何も知らされていません。相手がプラグインでログインし、共有するとここに現れます。
friend-sees = 相手に見えるあなた
friend-sees-nothing = この人と共有しているキャラクターはありません。
friend-permissions = 許可していること
friend-label = あなたのメモ
friend-label-more = このパソコンだけに保存し、送りません。
friend-nickname = ニックネーム
friend-nickname-save = ニックネームを保存
friend-tag = 新しいタグ
friend-tag-add = タグを追加
friend-untag = タグ { $tag } を外す
friend-note = メモ
friend-note-save = メモを保存
friend-notices = 出入りや変化を知らせる
friend-connection = 接続
friend-route = 経路
friend-state = 状態
friend-address = アドレス
friend-since = 接続時間
friend-received = 受信
friend-sent = 送信
friend-program = 相手のプログラム
friend-history = この 90 日間
history-received = 受信
history-sent = 送信
history-looks = 外見
history-amount = 受信 { $received } · 送信 { $sent }
history-clear = 記録を消す
history-clear-yes = 消す
history-clear-title = { $name } とのやりとりの記録を消しますか？
history-clear-all-title = フレンドとのやりとりの記録を消しますか？
history-clear-text = 消えるのは量と日付の記録だけです。フレンド、外見、メモは残ります。
label-long-note = メモは 2,000 文字までです。
label-long-tag = タグは 32 文字までです。
label-empty-tag = タグには見える文字が 1 つ以上必要です。
label-many-tags = タグは 1 人に 16 個までです。

timeline = できごと
event-connected = 接続：{ $route }、{ $remote }
event-failed = 接続できず：{ $reason }
event-ended = 切断：{ $reason }
event-times = { $event }（{ $times }回）
graph-round-trip = この 5 分間の往復時間

## 転送
transfers-now = いま
transfers-none-more = フレンドの外見は、変わると自動で取得します。
transfer-is-first = 最優先で取得中
transfer-files = { $done } / { $total } ファイル
upload-of = { $character } を { $name } へ
upload-to = { $name } へ
upload-sent = { $size } 送信
upload-ended = 完了
last-minutes = この 5 分間
graph-rates = この 5 分間の速度
rate-limits = 速度の上限
rate-down = 受信の上限
rate-up = 送信の上限
rate-unlimited = 回線いっぱい
history = この 90 日間
history-none = フレンドとのやりとりはまだありません。
history-total = 合計
transfer-first = 先に取得
transfer-first-of = { $character } を最優先で取得
transfer-retry = { $character } をもう一度取得
transfer-of = { $character } の外見
transfer-from = { $name } の { $character }
transfer-amount = { $done } / { $total }
transfer-left = 残り{ $time }
transfer-stalled = 待機中
transfer-done = { $total } すべて、{ $time }
transfer-cancel = { $character } の取得を取り消す
transfers = { $count ->
   *[other] 転送 { $count } 件
}
transfers-none = 転送はありません
transfers-done = 転送はすべて完了しました
transfers-fold = 転送を隠す
transfers-unfold = 転送を表示

## キャッシュ
cache-used = 中身
cache-size = { $used } / { $limit }
cache-extent = { $size } · { $files }ファイル
cache-more-friends = { $count ->
   *[other] ほか { $count } 人のフレンド
}
cache-rest = 以前の外見
cache-free = ディスクの空き
cache-limit = 大きさの上限
cache-limit-name = 最大の大きさ
cache-limit-more = いっぱいになると、最も長く表示していないものから消えます。表示中のものは残ります。
cache-care = 手入れ
cache-folder = 場所：{ $folder }
cache-verify = 全ファイルを確認
cache-move = 移動…
cache-open = フォルダを開く
cache-clear = 空にする…
cache-verifying = 全ファイルを確認中
cache-moving = { $folder } へ移動中
cache-leaving = 新しいフォルダを使用中。古いほうは、どのゲームも使わなくなると消えます
cache-cancel = 確認または移動を中止
cache-clear-yes = 空にする
cache-clear-title = キャッシュを空にしますか？
cache-clear-text = いま表示していない外見のファイルを消します。必要になればまた取得します。

## 診断
why = なぜ見えない？
why-whom = 相手
why-choose = フレンドを選ぶ…
why-nobody = フレンドはまだいません。先に追加してください。
network = このパソコンのネットワーク
network-signal-port = 相手を見つけるポート（TCP）
network-link-port = そのほかのポート（UDP）
network-router = ルーター
router-unknown = まだ確かめていません
router-open = なし：インターネットから直接届きます
router-even = 普通
router-strict = 厳格：ポートを転送しないと届かないフレンドがいます
router-blocked = どのサーバーも応答しません：UDP が塞がれているかもしれません
network-mapped = インターネットから見たアドレス
network-heard = 近くで聞こえたもの
network-heard-amount = フレンドの合図 { $friends }、ほか { $others }
network-none = ネットワークインターフェイスが見つかりません。
network-broadcasts = { $address }、フレンドを探索
log = ログ
log-filter = ログを絞り込む
log-level = 表示
log-follow = 最新の行を追う
log-copy = コピー
log-empty = 当てはまる行はありません。
log-count = { $count } 行
level-error = エラーのみ
level-warn = エラーと警告
level-info = できごと
level-debug = すべて
report = レポート
report-more = 助けてくれる人に渡すファイル。名前、ID、アドレス、フォルダは取り除きます。
report-save = レポートを保存…
report-saved = レポートを保存しました：{ $file }
report-failed = レポートを保存できませんでした：{ $reason }
dialog-report = レポートの保存

## 理由
about-connection = { $called } との接続
about-what = { $called } が見せるもの
about-looks = { $name } の外見
about-seen = { $called } に見える { $name }
says-blocked = { $called } をブロックしています：接続するには解除してください。
says-let-in-once = { $called } をプログラム終了まで入れています。
says-friend = { $called } はフレンドです。
says-lacks-plugin = ゲームのプラグインがなく、あるときだけオンラインの設定です：ゲームを起動するか、設定を変えてください。
says-all-paused = FyteClub は一時停止中です：再開してください。
says-paused = { $called } を一時停止しています：再開してください。
says-nothing-paused = 一時停止中のものはありません。
says-connected = { $called } と接続しています。
says-connecting = { $called } に接続しています：少しお待ちください。
says-not-let-in = { $called } がまだ承認していません：承認を頼んでください。
says-no-way-mine-blocked = このネットワークは接続に必要な UDP を通しません。別のネットワークを使うか、管理者に聞いてください。
says-no-way-theirs-blocked = { $called } のネットワークは接続に必要な UDP を通しません。相手が別のネットワークを使うか、管理者に聞く必要があります。
says-no-way-both-strict = あなたも { $called } も厳格なルーターの内側にいるため、直接つなげません。UDP ポート { $port } をこのコンピューターに転送するか、相手に転送してもらってください。
says-no-way-mine-strict = あなたのルーターは厳格で、{ $called } のルーターは返信しか通さないため、直接つなげません。UDP ポート { $port } をこのコンピューターに転送するか、相手に転送してもらってください。
says-no-way-theirs-strict = { $called } のルーターは厳格で、あなたのルーターは返信しか通さないため、直接つなげません。UDP ポート { $port } をこのコンピューターに転送するか、相手に転送してもらってください。
says-no-way-unclear = { $called } はいますが、接続の道が見つかりませんでした。間にファイアウォールがあるかもしれません。双方で FyteClub と UDP ポート { $port } の受信を許可してください。
says-unreachable = { $called } に届きません（{ $reason }）：相手の FyteClub が動いていて、あなたがフレンドにいるか聞いてください。
says-discovery-off = { $called } が見つからず、探索もオフです：オンにするか、アドレスで接続してください。
says-offline = { $called } はオフラインです：相手の FyteClub が動いているか聞いてください。別のネットワークならアドレスで接続してください。
says-not-wanted-link = { $called } とは接続しません。
says-shows-nothing = { $called } はキャラクターを見せていません：プラグインでログインし、あなたと共有するよう頼んでください。
says-shows = { $called } は { $name } を見せています。
says-no-plugin = ゲームのプラグインがありません：FyteClub プラグインでゲームを起動してください。
says-plugin-there = ゲームのプラグインは接続済みです。
says-near = { $name } はゲーム内で近くにいます。
says-not-near = { $name } はゲーム内で近くにいません：会うと表示されます。
says-busy = 戦闘中かカットシーン中です：終わると外見が変わります。
says-free = 外見を保留するものはありません。
says-not-shown = { $called } のキャラクターを表示しない設定です：許可してください。
says-own-character = あなた自身のキャラクターです：描くのはあなたのゲームだけです。
says-too-heavy = 外見が上限を { $by } 超えています：今回だけ、またはいつも許可するか、上限を上げるか、軽い外見を頼んでください。
says-conflict = 別のフレンドも同じキャラクターを見せています：どちらのものか選んでください。
says-gone = { $called } はいなくなったか、外見を外しました。
says-cancelled = この外見は取り消しました：取得するには再試行してください。
says-wanted = 表示する外見です。
says-asking = { $name } のファイル一覧を問い合わせ中です：少しお待ちください。
says-fetching = { $name } のファイルを取得中です：転送をご覧ください。
says-failed = 失敗しました：{ $reason }。自動で再試行します。「再試行」ならすぐに試します。
says-all-here = ファイルはすべてそろっています。
says-applied = { $name } を表示しています。
says-applying = ゲームのプラグインに表示を頼みました：少しお待ちください。
says-not-yet = まだ表示されていません：少し待ってから、表示し直してください。
says-nobody-else = 代わりに共有しているパソコンはありません。
says-problem = { $name } はいまの外見では共有できません：{ $reason }。
says-not-published = { $name } の外見が公開されていません：プラグインを動かしてログインしてください。
says-published = { $name } の外見は公開済みです。
says-not-decided = { $name } の共有先が決まっていません：確認に答えてください。
says-shared-with-nobody = { $name } は誰とも共有していません：共有してください。
says-shared-with-others = { $name } は他の人と共有中で、{ $called } とは共有していません：加えてください。
says-shared-with-them = { $name } は { $called } と共有しています。
says-may-see = { $called } はあなたを見られます。
says-may-not-see = { $called } はあなたを見られません：許可してください。

## 設定
restart-wanted = 一部は次の起動から有効です。
set-look = 見た目
set-language = 言語
language-system = システムに合わせる
set-theme = 色
theme-system = システムに合わせる
theme-light = 明るい
theme-dark = 暗い
set-text-size = 文字の大きさ
set-compact = 一覧を詰める
set-compact-more = フレンド 1 人を 1 行で。
set-on-top = ウィンドウをいつも手前に
set-start = 起動
set-start-with-computer = パソコンと一緒に起動
set-start-hidden = トレイで起動
set-start-hidden-more = ウィンドウを出しません。
set-only-with-plugin = ゲーム中だけオンライン
set-only-with-plugin-more = プラグインの接続中だけフレンドに見つかります。
set-wine = Wine や Proton のプラグイン
wine-auto = ランチャーのプレフィックスがあれば
wine-on = 受け入れる
wine-off = 受け入れない
set-tell = 通知
set-tell-more = このウィンドウが手前にないとき、システムが知らせます。戦闘とカットシーンの間は静かにします。
tell-question = 接続したい人がいる
tell-online = フレンドがオンラインになった
tell-failed = 転送に失敗した
tell-disk = ディスクの空きが少ない
set-new-friends = フレンドに許可すること
set-new-friends-more = 個別に決めていない人すべてに当てはまります。
set-limits = 外見の重さの上限
set-limits-more = 超えるものは許可するまで待ちます。
limit-bytes = 大きさの上限
limit-textures = テクスチャの上限
limit-triangles = ポリゴンの上限
limit-files = ファイル数の上限
set-limit-lan = ローカルネットワークでも制限
set-network = ネットワークとディスク
discovery = ローカルネットワークで
discovery-off = 誰にも見つからない
discovery-friends = フレンドが見つける
discovery-everyone = 誰でも見つける
set-port = 接続のポート
set-beacon-port = 近くのフレンドを探すポート
port-wrong = ポートは 0 から 65535 の数です。
set-interfaces = ネットワークインターフェイス
interfaces-all = すべて
interfaces-loopback = このパソコンのみ
set-free-disk = いつも空けておくディスク容量
set-internet = インターネット越し
set-rendezvous = インターネット越しにフレンドを見つける
set-rendezvous-more = 公開の中継を使います。中継に見えるのはあなたのインターネット上のアドレスと、どのアドレス同士が話しているかだけで、名前や ID や外見は見えません。
set-relays = 中継
set-relay-add = 中継のアドレス（例 wss://relay.example.org）
set-relay-save = 中継を追加
set-stun = インターネットからの見え方を教えるサーバー（STUN）
set-stun-add = サーバーのアドレス（例 stun.example.org:3478）
set-stun-save = サーバーを追加
set-server-add = 追加
set-server-remove = { $server } を外す
set-servers-usual = 標準に戻す
set-relays-usual = 中継を標準に戻す
set-stun-usual = STUN サーバーを標準に戻す
relay-idle = 今は不要
relay-connecting = 接続中…
relay-connected = 使用中
relay-answers = 使用中、{ $time } で応答
relay-unreachable = つながりません。自動で再試行します
relay-refuses = 拒否：{ $words }
set-identity = ID の引き継ぎ
set-identity-more = 鍵、フレンド、メモを 1 つのファイルに。別のパソコンや、このパソコンが壊れた日のために。ファイルとパスフレーズを持つ人が、あなたになります。
passphrase = パスフレーズ
passphrase-short = パスフレーズは 8 文字以上です。
passphrase-long = パスフレーズは 1,024 バイトまでです。
identity-export = 書き出す…
identity-import = 読み込む…
dialog-export = ID の保存先
dialog-import = 書き出した ID を選んでください

## 最初の質問
welcome-step = 質問 { $now } / { $all }
welcome-title = FyteClub へようこそ
welcome-text = フレンドにはあなたの見たままのあなたのキャラクターが、あなたにはフレンドのキャラクターが見えます。パソコンからパソコンへ直接届きます。
welcome-name = フレンドはあなたを何と呼びますか？
welcome-cache = フレンドの外見の置き場所
welcome-cache-more = 一度取得したものは、もう取得しません。
welcome-sharing = 共有するということ
welcome-sharing-means = あなたのキャラクターが見える人は、そのファイルを持ちます。送ったものは相手のものにもなります。相手にはあなたのインターネットアドレスも見えます。共有先を選ぶまで、誰にも見えません。
welcome-discovery = ローカルネットワークで、誰があなたを見つけられますか？
welcome-plugin = ゲームのプラグインがまだ接続されていません
welcome-plugin-more = あなたの外見を FyteClub に渡し、フレンドの外見をゲームに表示します。ゲームのプラグイン管理からインストールしてください。自動で見つかります。
welcome-plugin-there = ゲームのプラグインは接続済みです
welcome-plugin-there-more = 準備ができました。フレンドを追加すると、お互いが見えます。
welcome-works = なくてもできること
welcome-works-friends = フレンドの追加と接続
welcome-works-fetch = 外見の取得。遊ぶときには準備完了です
welcome-works-demo = デモ：fyteclub demo
welcome-skip = すべて飛ばす
welcome-done = はじめる

## フレンドの追加
invite = コードで
invite-how = コードを作って六つの言葉をフレンドに読み上げるか、フレンドが読み上げた言葉を入力します。インターネット越しに使えます。
invite-make = コードを作る
invite-again = 新しいコードを作る
invite-left = 有効時間 { $time }、フレンド一人用。FyteClub を開いたままにしてください。
invite-copy = 言葉をコピー
invite-give-up = 取りやめる
invite-hint = 六つの言葉（例 acid bacon cabin dance eager fabric）
invite-join = フレンドになる
invite-joining = この言葉を出している人を探しています…
invite-close = 閉じる
invite-off = インターネット越しのフレンドは設定でオフになっています。
invite-friends = { $name } とフレンドになりました。
invite-wrong-offered = 誰かが間違った答えを返したため、このコードは使えなくなりました。新しいコードを作ってください。
invite-wrong-joined = 言葉が正しくなく、コードは使えなくなりました。新しいコードを頼んでください。
invite-used-up = 別の人がこのコードに答えました。新しいコードを頼んでください。
invite-nobody = 今この言葉を出している人はいません。言葉と、フレンドのウィンドウにまだ表示されているかを確かめてください。
invite-silent = フレンドの FyteClub が途中で応答しなくなりました。新しいコードを頼んでください。
invite-no-relay = どの中継にもつながりません。インターネット接続か、設定の中継を確かめてください。
invite-expired = 十分が過ぎました。新しいコードを作ってください。
nearby = 近くの人
nearby-switch = 近くの誰からも見つかるようにする
nearby-for = 10 分間、このネットワークで
nearby-left = 残り { $time }
nearby-listening = 待っています… フレンドにもオンにするよう頼んでください。
nearby-unverified = 名前は誰でも名乗れます。接続する前に ID を比べてください。
nearby-friends = このネットワークのフレンドは互いに見つかる
my-id = 自分の ID を見せる
my-id-more = フレンドは ID を比べたり、スマートフォンで画面から読み取ったりできます。
qr-name = あなたの ID の QR コード
by-address = アドレスで
by-address-how = フレンドにアドレスを聞いてください。名前か番号で、ポートが標準と違うときはコロンの後に付けます。
by-address-hint = アドレス（例 192.168.1.20）
listening = フレンドはポート { $port } に届きます
listening-not = 自分のポートがまだ開いていません

## 確認
stranger-nameless = 誰か
stranger-title = { $name } が接続を求めています
stranger-says = 名乗り
stranger-unverified = 未確認
stranger-id = 短い ID
stranger-from = 接続元
stranger-here = このパソコン
stranger-lan = 同じネットワーク
stranger-check = 名前は誰でも名乗れます。フレンドの ID がこの文字で始まるか聞いてください。
stranger-changed = フレンドの { $name } の鍵が変わりました（{ $id }）。新しく始めたか、誰かがなりすましています。入れる前に、別の方法で本人に確かめてください。
stranger-asked = 確かめました。本人です
accept-once = 今回だけ入れる
accept = フレンドに追加
not-now = 後で
new-character-title = { $character } を共有しますか？
new-character-text = このキャラクター（{ $world }）は初めてです。選ぶまで誰にも見えません。「自分のキャラクター」でいつでも変えられます。
conflict-title = { $character } は誰のもの？
conflict-text = 2 人のフレンドがこのキャラクターを見せています。着せ替えられるのは 1 人だけです。
conflict-owner = 先に見せた人
conflict-claimant = 後から名乗った人
conflict-choose = { $name } のもの
code-title = { $name } と比べる
code-text = { $name } にもコードが見えています。知っている声で読み上げ合ってください。
code-equal = 同じです
code-differ = 違います
code-waiting = { $name } の答えを待っています…

## できごと
notice-connected = { $name } が来ました
notice-disconnected = { $name } がいなくなりました
notice-applied = { $character } が { $name } の見たままに見えます
notice-shown-again = { $count ->
    [0] 表示し直すものはありません。近くにいて準備できた外見がありません。
   *[other] { $count }件の外見を表示し直します。
}
notice-shown-again-no-plugin = 表示できません：ゲームのプラグインが接続されていません。
notice-sent-again = { $count ->
   *[other] あなたの外見 { $count } 件を { $name } に送り直します。
}
notice-sent-again-nothing = { $name } と共有しているものはありません。「自分のキャラクター」で選んでください。
notice-disk = キャッシュのディスクがいっぱいです。空きは { $free } です。キャッシュの上限を下げるか、空きを作ってください。
notify-open = FyteClub を開いて答えてください。
notice-verified = { $name } を確認しました
notice-unverified = コードが違うか、確認されませんでした：{ $name } は未確認です

## トレイ
tray-open = FyteClub を開く
tray-prompts = { $count ->
   *[other] { $count }件の確認が待っています…
}
tray-discover = 10 分間、近くの誰からも見つかるようにする
tray-quit = 終了
tray-show-again = すべての外見を表示し直す
tray-pause-half-hour = 30 分間一時停止
tray-pause-hour = 1 時間一時停止
tray-pause = 再開するまで一時停止
tray-status-no-plugin = プラグインが接続するまでオフライン
tray-status = { $here ->
    [0] フレンドはいません
   *[other] フレンド { $here } 人がいます
}
tray-status-fetching = { $count ->
   *[other] 外見 { $count } 件を取得中
}
tray-status-paused = 一時停止中
tray-kept = FyteClub はトレイで動き続けます。
tray-absent = ここにはトレイがないため、FyteClub は小さなウィンドウのまま残ります。終了は左下にあります。

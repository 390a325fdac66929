//! Companions that end as a crash ends them, by SIGKILL, at random moments: in transfers on either side, while the cache is moved
//! or shrinks, and while an older program's files are brought to the new layout.
//!
//! After each, the look is shown as it is worn, every file in the cache is what its name says, nothing was ever shown that nobody
//! wore, and little is fetched twice. `cargo test` plays a few; `.ci/run crash` plays twenty of each. What they do follows from a
//! seed, which is printed, and given by `FYTECLUB_SEED`; when exactly a process dies does not.
#![allow(clippy::disallowed_methods, reason = "the clock says how long a look takes")]
#![allow(clippy::print_stdout, reason = "what was measured")]

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fyteclub::domain::{BlobHash, Direction, Rate};
use fyteclub::engine::command::{Scope, SettingChange};
use fyteclub::run::stage;
use fyteclub::runtime::files::Profile;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::*;

const ARIA: &str = "Aria Fyte@Phoenix";
const BEA: &str = "Bea Bright@Phoenix";

/// A look has two sounds of this many bytes each, …
const LARGE: usize = 10 << 20;
/// … and so many textures …
const SMALL_FILES: usize = 100;
/// … of this many bytes each.
const SMALL: usize = 40 << 10;
/// Bytes of a look.
const LOOK: u64 = (2 * LARGE + SMALL_FILES * SMALL) as u64;
/// Bytes a second from the wearer: a look takes two seconds.
const RATE: u64 = 12 << 20;
/// What may be fetched a second time because of a crash: 4 MiB, which is more than 2 % of a look.
const MOST_AGAIN: u64 = 4 << 20;
/// The smallest cache: room for two looks.
const SMALL_CACHE: u64 = 2 * LOOK;
const LARGE_CACHE: u64 = 20 << 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_on_either_side_of_a_transfer_costs_little_and_shows_nothing_wrong() {
    let mut scene = Scene::new().await;
    let whole = scene.whole_look().await;
    scene.viewer_crashes(whole).await;
    scene.wearer_crashes(whole).await;
    scene.check_the_whole_cache().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes: .ci/run crash"]
async fn twenty_crashes_on_each_side_of_transfers_cost_little_and_show_nothing_wrong() {
    let mut scene = Scene::new().await;
    let whole = scene.whole_look().await;
    for _ in 0..20 {
        scene.viewer_crashes(whole).await;
        scene.wearer_crashes(whole).await;
    }
    scene.check_the_whole_cache().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is one of the long ones: .ci/run crash"]
async fn twenty_crashes_while_the_cache_is_moved_lose_nothing() {
    let mut scene = Scene::new().await;
    scene.limit(None).await;
    for _ in 0..4 {
        scene.whole_look().await;
    }
    // Between two volumes, files are copied; within one, they only get second names.
    let elsewhere = Path::new("/dev/shm");
    let other_volume = if elsewhere.is_dir() { tempfile::tempdir_in(elsewhere) } else { tempfile::tempdir() }.unwrap();
    let here = scene.theatre.folder().to_owned();
    let folders = |n: u32| if n % 4 < 2 { &here } else { other_volume.path() }.join(format!("cache-{n}"));
    let took = scene.move_cache(&folders(0)).await;
    for n in 1..=20 {
        scene.crashes_while_moving(&folders(n), took).await;
    }
    scene.check_the_whole_cache().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is one of the long ones: .ci/run crash"]
async fn twenty_crashes_while_the_cache_shrinks_leave_what_is_shown() {
    let mut scene = Scene::new().await;
    scene.limit(None).await;
    for _ in 0..20 {
        scene.crashes_while_the_cache_shrinks().await;
    }
    scene.check_the_whole_cache().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it is one of the long ones: .ci/run crash"]
async fn twenty_crashes_while_files_of_version_1_are_brought_up_lose_no_friend_and_no_setting() {
    let mut rng = seeded();
    let theatre = Theatre::new();
    for _ in 0..20 {
        let mut actor = theatre.stage.actor("Cid", "Cid Nan@Odin").unwrap();
        write_version_1(&actor.profile);
        for _ in 0..3 {
            actor.start_companion().unwrap();
            tokio::time::sleep(Duration::from_micros(rng.next_u64() % 60_000)).await;
            actor.kill_companion().await.unwrap();
        }
        let (settings, circle) = (actor.profile.load_settings().unwrap(), actor.profile.load_circle().unwrap());
        assert!(settings.warnings.is_empty() && circle.warnings.is_empty(), "{:?} {:?}", settings.warnings, circle.warnings);
        assert_eq!((settings.value.language.as_deref(), settings.value.limits.files), (Some("de"), 500));
        let circle = circle.value;
        assert_eq!((circle.peers.len(), circle.owners.len(), circle.my_characters.len()), (3, 1, 3));
        std::fs::remove_dir_all(actor.profile.root()).unwrap();
    }
}

/// Aria, who wears one look after another, and Bea, who sees them.
struct Scene {
    theatre: Theatre,
    aria: Actor,
    bea: Actor,
    rng: ChaCha8Rng,
    /// The content of every file that was ever worn.
    worn: HashSet<BlobHash>,
    /// Bytes that came to Bea before her companion started the last time.
    came: u64,
    /// What its history said when it started, which is less: it is saved once a minute.
    at_start: u64,
    /// What its history said last.
    latest: u64,
}

impl Scene {
    async fn new() -> Self {
        let theatre = Theatre::new();
        let mut aria = theatre.stage.actor("Aria", ARIA).unwrap();
        let mut bea = theatre.stage.actor("Bea", BEA).unwrap();
        stage::befriend(&[&aria, &bea]).unwrap();
        for actor in [&mut aria, &mut bea] {
            actor.start_companion().unwrap();
            actor.start_plugin(&[ARIA.parse().unwrap(), BEA.parse().unwrap()]).unwrap();
            id(actor).await;
        }
        let mut scene = Self { theatre, aria, bea, rng: seeded(), worn: HashSet::new(), came: 0, at_start: 0, latest: 0 };
        scene.limit(Some(RATE)).await;
        scene
    }

    async fn limit(&mut self, rate: Option<u64>) {
        self.aria.command(Command::ChangeSetting { change: SettingChange::LimitLan(true) }).await.unwrap();
        let (scope, direction, rate) = (Scope::Everyone, Direction::Up, rate.map(Rate::from));
        self.aria.command(Command::LimitRate { scope, direction, rate }).await.unwrap();
    }

    /// Aria puts on a look of new files only.
    fn dress(&mut self) {
        let large = (0..2).map(|n| (format!("a/sound{n}.scd"), LARGE));
        let small = (0..SMALL_FILES).map(|n| (format!("a/body{n}.tex"), SMALL));
        let files: Vec<_> = large.chain(small).map(|(path, size)| (path, self.noise(size))).collect();
        self.worn.extend(files.iter().map(|(_, content)| BlobHash::of(content)));
        let files: Vec<_> = files.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
        wear(&self.aria, &files);
    }

    /// Bytes that do not compress.
    fn noise(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A look that nobody disturbs. Gives what came over the line for it, and how long it took.
    async fn whole_look(&mut self) -> (u64, Duration) {
        let before = self.received().await;
        self.dress();
        let started = Instant::now();
        self.converge().await;
        let (came, took) = (self.received().await - before, started.elapsed());
        assert!((LOOK..LOOK + LOOK / 50).contains(&came), "{came} bytes came for a look of {LOOK}");
        println!("a look takes {took:?} and {came} bytes");
        (came, took)
    }

    /// The viewer's companion dies at a random moment between the wearer's change and its being shown.
    async fn viewer_crashes(&mut self, (whole, took): (u64, Duration)) {
        let before = self.received().await;
        self.dress();
        let moment = self.moment_within(took);
        let state = self.watch_until(moment).await;
        self.kill_bea().await;
        assert_named_by_content(&self.bea.profile.cache());
        // What came between the last snapshot and the end counts as if it had come twice.
        self.came += RATE / 10;
        self.bea.start_companion().unwrap();
        self.converge().await;
        self.assert_little_again("the viewer", &state, before + whole).await;
    }

    /// The wearer's does.
    async fn wearer_crashes(&mut self, (whole, took): (u64, Duration)) {
        let before = self.received().await;
        self.dress();
        let moment = self.moment_within(took);
        let state = self.watch_until(moment).await;
        self.aria.kill_companion().await.unwrap();
        self.aria.start_companion().unwrap();
        self.converge().await;
        self.assert_little_again("the wearer", &state, before + whole).await;
    }

    /// Moves the cache, undisturbed; gives how long that takes.
    async fn move_cache(&mut self, folder: &Path) -> Duration {
        let started = Instant::now();
        self.bea.command(Command::MoveCache { folder: folder.to_owned() }).await.unwrap();
        let moved = |seen: &Snapshot| {
            let there = seen.settings.cache_folder.as_deref() == Some(folder);
            (there && seen.maintenance.running.is_none()).then_some(())
        };
        self.bea.wait_for("the move's end", SOON, moved).await.unwrap();
        println!("a move takes {:?}", started.elapsed());
        started.elapsed()
    }

    /// The viewer's companion dies in a move of its cache, which is then moved again.
    async fn crashes_while_moving(&mut self, folder: &Path, took: Duration) {
        let before = self.received().await;
        let held = self.bea.snapshot().await.unwrap().cache;
        self.bea.command(Command::MoveCache { folder: folder.to_owned() }).await.unwrap();
        let moment = self.moment_within(took);
        let state = self.watch_until(moment).await;
        self.kill_bea().await;
        self.bea.start_companion().unwrap();
        self.converge().await;
        let all = |seen: &Snapshot| (seen.cache.blobs == held.blobs && seen.cache.bytes == held.bytes).then_some(());
        self.bea.wait_for("the whole cache", SOON, all).await.unwrap();
        let seen = self.bea.snapshot().await.unwrap();
        let there = seen.settings.cache_folder.as_deref() == Some(folder);
        println!("killed after {moment:?} {state}: it lies in the {} folder", if there { "new" } else { "old" });
        let again = self.received().await - before;
        assert_eq!(again, 0, "bytes fetched after a crash in a move");
        if !there {
            self.move_cache(folder).await;
        }
    }

    /// The viewer's companion dies while what is over the limit is removed.
    async fn crashes_while_the_cache_shrinks(&mut self) {
        for _ in 0..3 {
            self.whole_look().await;
        }
        let before = self.received().await;
        self.limit_cache(SMALL_CACHE).await;
        let moment = self.moment_within(Duration::from_millis(30));
        let state = self.watch_until(moment).await;
        self.kill_bea().await;
        self.bea.start_companion().unwrap();
        self.converge().await;
        let small = |seen: &Snapshot| (seen.cache.bytes <= SMALL_CACHE).then_some(seen.cache.bytes);
        let bytes = self.bea.wait_for("a small cache", SOON, small).await.unwrap();
        println!("killed after {moment:?} {state}: {bytes} bytes are left");
        assert_eq!(self.received().await, before, "what is shown is not fetched again");
        self.limit_cache(LARGE_CACHE).await;
    }

    async fn limit_cache(&mut self, bytes: u64) {
        self.bea.command(Command::ChangeSetting { change: SettingChange::CacheLimit(bytes) }).await.unwrap();
        self.bea.wait_for("the limit", SOON, |seen| (seen.cache.limit == bytes).then_some(())).await.unwrap();
    }

    /// Waits until what is worn is shown; nothing else is.
    async fn converge(&mut self) {
        sees(&mut self.bea, &self.aria).await;
        for file in files_below(&self.bea.shown).iter().filter(|file| file.extension().is_some_and(|ending| ending != "txt")) {
            assert!(self.worn.contains(&hash_of(file)), "{} is nothing that was worn", file.display());
        }
    }

    fn moment_within(&mut self, time: Duration) -> Duration {
        time.mul_f64(self.rng.next_u32() as f64 / f64::from(u32::MAX))
    }

    /// Keeps the count of what came up to date until the moment. Gives what is to be seen then.
    async fn watch_until(&mut self, moment: Duration) -> String {
        let started = Instant::now();
        loop {
            let seen = self.bea.snapshot().await.unwrap();
            self.latest = received(&seen);
            if started.elapsed() >= moment {
                return state(&seen);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Bytes that came to Bea, in all of her companion's lives.
    async fn received(&mut self) -> u64 {
        self.latest = received(&self.bea.snapshot().await.unwrap());
        self.came + self.latest - self.at_start
    }

    /// Ends Bea's companion, which is then looked at.
    async fn kill_bea(&mut self) {
        self.bea.kill_companion().await.unwrap();
        self.came += self.latest - self.at_start;
        self.at_start = self.bea.profile.load_history().unwrap().value.sums.iter().map(|sum| sum.received).sum();
        self.latest = self.at_start;
    }

    /// What has come since `before` is a look, and no more again than may be.
    async fn assert_little_again(&mut self, who: &str, state: &str, expected: u64) {
        let again = self.received().await.saturating_sub(expected);
        println!("{who} was killed {state}: {again} bytes came again");
        assert!(again <= MOST_AGAIN, "{again} bytes came again");
    }

    /// Has every file in the cache checked by what it is called.
    async fn check_the_whole_cache(&mut self) {
        self.bea.command(Command::VerifyCache).await.unwrap();
        let checked = |seen: &Snapshot| seen.maintenance.last.clone().filter(|said| said.starts_with("The cache was checked"));
        let said = self.bea.wait_for("the check's end", SOON, checked).await.unwrap();
        println!("{said}");
        assert!(said.ends_with("all as they should be."), "{said}");
    }
}

/// What is under way, for the output.
fn state(seen: &Snapshot) -> String {
    let transfer = seen.transfers.iter().find(|transfer| !transfer.finished);
    match (transfer, &seen.maintenance.running) {
        (Some(transfer), _) => format!("at {} of {} bytes", transfer.done, transfer.total),
        (None, Some(chore)) => format!("at {} of {} files", chore.done.files, chore.total.files),
        (None, None) => "with nothing to be seen under way".to_owned(),
    }
}

/// Bytes that came from friends.
fn received(seen: &Snapshot) -> u64 {
    seen.history.friends.iter().map(|friend| friend.total.received).sum()
}

/// Every complete blob of a cache is called by its hash, and has it.
fn assert_named_by_content(cache: &Path) {
    for file in files_below(cache).iter().filter(|file| file.extension().is_some_and(|ending| ending != "tmp")) {
        let folder = file.parent().and_then(Path::file_name).unwrap();
        if folder.len() == 2 {
            let name = file.file_stem().unwrap().to_str().unwrap();
            assert_eq!(hash_of(file).to_string(), name, "{} is not what it is called", file.display());
        }
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn hash_of(file: &Path) -> BlobHash {
    BlobHash::of(&std::fs::read(file).unwrap())
}

/// A profile as a program of the first version left it.
fn write_version_1(profile: &Profile) {
    let settings = profile.load_settings().unwrap().value;
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/runtime/files/migrations/recorded");
    let read = |name: &str| std::fs::read_to_string(recorded.join(name)).unwrap();
    // On loopback only, by free ports, with the cache in the profile.
    let mut text = read("settings-1.ron");
    for (from, to) in [
        ("named([\n            \"eth0\",\n        ])", "loopback"),
        ("port: 5000", "port: 0"),
        ("beacon_port: 47312", &format!("beacon_port: {}", settings.beacon_port)),
        ("Some(\"/data/fyte\")", "None"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    std::fs::write(profile.root().join("settings.ron"), text).unwrap();
    std::fs::write(profile.root().join("circle.ron"), read("circle-1.ron")).unwrap();
}

fn seeded() -> ChaCha8Rng {
    let given = std::env::var("FYTECLUB_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs());
    println!("FYTECLUB_SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}

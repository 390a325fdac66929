//! Every text of the window and the tray, in the person's language.
//!
//! The texts stand in `i18n/<language>/fyteclub.ftl` (Fluent) and are part of the program. English is the fallback; a text
//! that a language lacks is shown in English, and a key that English lacks does not compile. A new language is a new folder.
//!
//! Numbers are written out here, not by Fluent, since sizes and rates want a fixed number of digits so that they do not
//! dance while they change.

pub mod pseudo;

use std::borrow::Cow;
use std::sync::{LazyLock, Mutex, PoisonError};

use i18n_embed::fluent::{FluentLanguageLoader, fluent_language_loader};
use i18n_embed::{DesktopLanguageRequester, I18nAssets, LanguageLoader, unic_langid::LanguageIdentifier};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "i18n/"]
struct Files;

/// The files, and the language that is made from one of them.
struct Texts;

impl I18nAssets for Texts {
    fn get_files(&self, file_path: &str) -> Vec<Cow<'_, [u8]>> {
        let made = file_path.strip_prefix(pseudo::TAG).and_then(|file| Files::get(&format!("en{file}")));
        match made {
            Some(english) => vec![Cow::Owned(pseudo::texts(&String::from_utf8_lossy(&english.data)).into_bytes())],
            None => Files::get(file_path).map(|file| file.data).into_iter().collect(),
        }
    }

    fn filenames_iter(&self) -> Box<dyn Iterator<Item = String> + '_> {
        let made = Files::iter().filter_map(|file| file.strip_prefix("en/").map(|file| format!("{}/{file}", pseudo::TAG)));
        Box::new(Files::iter().map(|file| file.to_string()).chain(made.collect::<Vec<_>>()))
    }
}

static LOADER: LazyLock<FluentLanguageLoader> = LazyLock::new(|| {
    let loader = fluent_language_loader!();
    if let Err(error) = loader.load_fallback_language(&Texts) {
        tracing::error!(%error, "the English texts cannot be read");
    }
    loader.set_use_isolating(false);
    loader
});

/// The text with this key: `fl!("key", name = value, …)`. The key and its arguments are checked when the program is built.
macro_rules! fl {
    ($($part:tt)*) => { i18n_embed_fl::fl!($crate::i18n::loader(), $($part)*) };
}
pub(crate) use fl;

/// What was last selected, if anything was.
static SPOKEN: Mutex<Option<Option<String>>> = Mutex::new(None);

/// Where [`fl!`] looks texts up.
pub(crate) fn loader() -> &'static FluentLanguageLoader {
    &LOADER
}

/// Speaks this language (a BCP 47 tag) from here on; `None`, or one that cannot be read: the system's.
pub fn select(language: Option<&str>) {
    let mut spoken = SPOKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if spoken.as_ref().is_some_and(|spoken| spoken.as_deref() == language) {
        return;
    }
    *spoken = Some(language.map(str::to_owned));
    let wanted = language
        .and_then(|tag| tag.parse::<LanguageIdentifier>().ok())
        .map_or_else(DesktopLanguageRequester::requested_languages, |tag| vec![tag]);
    if let Err(error) = i18n_embed::select(loader(), &Texts, &wanted) {
        tracing::warn!(%error, "the language cannot be switched");
    }
    // Selecting builds new bundles, which isolate arguments with invisible marks that egui draws as boxes.
    loader().set_use_isolating(false);
}

/// The tag of the language that is spoken, if it can be told.
#[must_use]
pub fn spoken() -> Option<String> {
    loader().current_languages().first().map(ToString::to_string)
}

/// A number of bytes, rounded as people read it: `812 B`, `3.4 KiB`, `120 MiB`, `1.25 GiB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let (number, unit) = scaled(bytes);
    match unit {
        Unit::B => fl!("size-b", n = number),
        Unit::Kib => fl!("size-kib", n = number),
        Unit::Mib => fl!("size-mib", n = number),
        Unit::Gib => fl!("size-gib", n = number),
    }
}

/// Bytes a second: `12.4 MiB/s`.
#[must_use]
pub fn rate(bytes_per_second: u64) -> String {
    fl!("rate", size = size(bytes_per_second))
}

/// A length of time to the two largest units that matter: `45 s`, `3 min 20 s`, `1 h 5 min`, `2 d 4 h`.
#[must_use]
pub fn duration(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if minutes == 0 {
        fl!("duration-s", s = seconds)
    } else if hours == 0 {
        fl!("duration-min", m = minutes, s = (seconds % 60))
    } else if days == 0 {
        fl!("duration-h", h = hours, m = (minutes % 60))
    } else {
        fl!("duration-d", d = days, h = (hours % 24))
    }
}

/// A number of things in groups of three digits: `312,000`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let separator = fl!("group-separator");
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push_str(&separator);
        }
        out.push(digit);
    }
    out
}

/// A day, both counted from 1970 in UTC: today, yesterday, or so many days ago.
#[must_use]
pub fn day(day: u32, today: u32) -> String {
    match today.saturating_sub(day) {
        0 => fl!("day-today"),
        1 => fl!("day-yesterday"),
        ago => fl!("day-ago", days = ago),
    }
}

/// A countdown of at most an hour or so: `9:41`.
#[must_use]
pub fn countdown(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A round trip: `0.4 ms`, `38 ms`.
#[must_use]
pub fn round_trip(microseconds: u64) -> String {
    let decimals = usize::from(microseconds < 10_000);
    fl!("milliseconds", n = number(microseconds as f64 / 1e3, decimals))
}

enum Unit {
    B,
    Kib,
    Mib,
    Gib,
}

fn scaled(bytes: u64) -> (String, Unit) {
    let (divisor, unit) = match bytes {
        0..0x400 => return (bytes.to_string(), Unit::B),
        0x400..0x10_0000 => (1u64 << 10, Unit::Kib),
        0x10_0000..0x4000_0000 => (1 << 20, Unit::Mib),
        _ => (1 << 30, Unit::Gib),
    };
    let value = bytes as f64 / divisor as f64;
    // One decimal while it says something; a fixed number of digits, so that a changing number keeps its width.
    let decimals = usize::from(value < 99.95);
    (number(value, decimals), unit)
}

fn number(value: f64, decimals: usize) -> String {
    format!("{value:.decimals$}").replace('.', &fl!("decimal-separator"))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn sizes_are_rounded_as_people_read_them() {
        let cases = [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1.0 KiB"),
            (3_500, "3.4 KiB"),
            (12 << 20, "12.0 MiB"),
            (120 << 20, "120 MiB"),
            (1_342_177_280, "1.2 GiB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(rate(13_002_342), "12.4 MiB/s");
    }

    #[test]
    fn lengths_of_time_name_their_two_largest_units() {
        let cases = [(0, "0 s"), (45, "45 s"), (200, "3 min 20 s"), (3_900, "1 h 5 min"), (187_200, "2 d 4 h")];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(countdown(581), "9:41");
        assert_eq!(countdown(5), "0:05");
    }

    #[test]
    fn large_numbers_are_grouped_and_days_named() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
        for (number, text) in cases {
            assert_eq!(count(number), text);
        }
        assert_eq!([day(9, 9), day(8, 9), day(2, 9)], ["Today", "Yesterday", "7 days ago"]);
    }

    #[test]
    fn round_trips_show_a_decimal_only_where_it_says_something() {
        assert_eq!(round_trip(412), "0.4 ms");
        assert_eq!(round_trip(38_400), "38 ms");
    }

    #[test]
    fn arguments_stand_in_the_text_without_invisible_marks() {
        assert!(size(5).is_ascii());
    }

    #[test]
    fn every_language_has_the_keys_of_english_and_names_the_same_things() {
        let english = messages("en");
        assert!(english.len() > 400, "the English texts were found");
        for language in LANGUAGES {
            let other = messages(language);
            assert_eq!(
                other.keys().collect::<Vec<_>>(),
                english.keys().collect::<Vec<_>>(),
                "{language} and en differ in their keys"
            );
            for (key, text) in &english {
                assert_eq!(variables(&other[key]), variables(text), "{key} in {language} names other things than in en");
            }
        }
    }

    #[test]
    fn every_key_is_used() {
        let mut code = String::new();
        collect(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut code);
        let unused: Vec<String> = messages("en").into_keys().filter(|key| !code.contains(&format!("\"{key}\""))).collect();
        assert!(unused.is_empty(), "texts that nobody shows: {unused:?}");
    }

    /// What is the same in two languages on purpose: names, units, signs, and words that both have.
    const SAME: &[&str] = &[
        // Numbers, and lines put together from parts.
        "decimal-separator",
        "group-separator",
        "size-b",
        "size-kib",
        "size-mib",
        "size-gib",
        "rate",
        "duration-s",
        "duration-min",
        "duration-h",
        "duration-d",
        "milliseconds",
        "joined",
        "about",
        "character",
        "me-id",
        "version",
        "section-tag",
        "set-relays",
        "cache-size",
        "cache-extent",
        "cache-folder",
        "transfer-amount",
        "transfer-files",
        // German: words of the game and the desktop that are the same.
        "pause",
        "group-tags",
        "sort-name",
        "section-here",
        "section-away",
        "log-level",
        "interfaces-all",
        // French.
        "friend-note",
        "network-router",
        "page-diagnostics",
        "log",
        "welcome-step",
        "trust-friend",
        "route-direct",
        "textures",
    ];

    #[test]
    fn what_reads_as_in_english_is_so_on_purpose() {
        let english = messages("en");
        for language in LANGUAGES {
            let same: Vec<String> = messages(language)
                .into_iter()
                .filter(|(key, text)| english.get(key) == Some(text) && !SAME.contains(&key.as_str()))
                .map(|(key, _)| key)
                .collect();
            assert!(same.is_empty(), "not translated to {language}: {same:?}");
        }
    }

    const LANGUAGES: [&str; 3] = ["de", "fr", "ja"];

    /// Keys and texts as they are written in a language's file; a file with a mistake fails.
    fn messages(language: &str) -> BTreeMap<String, String> {
        let bytes = Files::get(&format!("{language}/fyteclub.ftl")).expect("an embedded file").data;
        let text = String::from_utf8(bytes.into_owned()).expect("UTF-8");
        let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(_, errors)| panic!("{language}: {errors:?}"));
        let mut messages = BTreeMap::new();
        for entry in resource.body {
            if let fluent_syntax::ast::Entry::Message(message) = entry {
                let key = message.id.name.clone();
                let one = fluent_syntax::ast::Resource { body: vec![fluent_syntax::ast::Entry::Message(message)] };
                let written = fluent_syntax::serializer::serialize(&one);
                let text = written.split_once('=').map(|(_, text)| text.trim().to_owned()).expect("a text");
                assert!(messages.insert(key.clone(), text).is_none(), "{key} twice in {language}");
            }
        }
        messages
    }

    fn variables(text: &str) -> BTreeSet<String> {
        let names = text.split('$').skip(1);
        names.map(|name| name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()).collect()
    }

    fn collect(folder: &std::path::Path, code: &mut String) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, code);
            } else if path.extension().is_some_and(|end| end == "rs") {
                code.push_str(&std::fs::read_to_string(path).expect("a source file"));
            }
        }
    }
}

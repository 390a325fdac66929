//! Keeps the layers' directions: reads the source tree as text and fails for a path that goes against them.
//!
//! `domain` names · `wire` speaks · `engine` decides · `runtime` acts · `ui` shows · `tray` hints · `run` assembles
//!
//! Looked at are paths that begin with `crate::` (in `main.rs` also `fyteclub::`) and chains of `super::` that leave
//! their layer, wherever they stand but in comments and texts. A new top-level module needs a line in [`LAYERS`].

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Which paths below the crate's root a layer may name, its own aside.
const LAYERS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("i18n", &[]),
    ("wire", &["domain"]),
    ("engine", &["wire", "domain"]),
    ("runtime", &["engine", "wire", "domain"]),
    ("ui", SEEN),
    ("tray", SEEN),
    ("run", &["ui", "tray", "runtime", "engine", "wire", "domain", "i18n"]),
    ("main", &["run"]),
    ("lib", &[]),
];

/// What the window and the tray know of the program: what can be asked for, what can be seen, and names.
const SEEN: &[&str] = &[
    "engine::command",
    "engine::explain",
    "engine::snapshot",
    "engine::notice",
    "engine::follow",
    "engine::Command",
    "engine::Snapshot",
    "engine::Notice",
    "domain",
    "i18n",
];

/// The layers that touch the world, and so read its clocks.
const WITH_A_CLOCK: &[&str] = &["runtime", "run"];

/// Paths by which a clock is read.
const CLOCKS: &[[&str; 2]] = &[["Instant", "now"], ["SystemTime", "now"]];

/// A longer file holds more than one idea.
const MAX_LINES: usize = 600;

#[test]
fn every_layer_knows_only_those_below_it() {
    let sources = source_files("src");
    assert!(sources.len() > 20, "the source tree was not found: {} files", sources.len());
    expect_none(sources.iter().flat_map(layer_violations));
}

#[test]
fn only_what_touches_the_world_reads_a_clock() {
    let sources = source_files("src");
    let tests = test_modules(&sources);
    expect_none(sources.iter().filter(|source| !tests.contains(&source.module)).flat_map(clock_violations));
}

#[test]
fn no_file_is_longer_than_can_be_held_in_the_head() {
    let files = ["src", "tests", "benches"].into_iter().flat_map(source_files);
    expect_none(files.collect::<Vec<_>>().iter().filter_map(length_violation));
}

#[test]
fn every_test_that_the_page_on_security_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/security.md")).unwrap();
    let mut paths = Vec::new();
    ["src", "tests"].iter().for_each(|folder| collect(&root.join(folder), &mut paths));
    let code: String = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    // Tests are sentences: nothing else between back quotes has so many words.
    let named = page.split('`').filter(|text| text.matches('_').count() >= 4 && text.chars().all(|c| is_name(&c.to_string())));
    let named: BTreeSet<&str> = named.collect();
    assert!(named.len() > 20, "{named:?}");
    expect_none(named.into_iter().filter(|name| !code.contains(&format!("fn {name}("))).map(str::to_owned));
}

// The rules, shown to be able to fail.

#[test]
fn a_path_against_the_direction_is_found_with_its_line() {
    let found = violations("src/domain/id.rs", "//! Ids.\n\nuse crate::wire::control::Control;\n");
    assert_eq!(found, ["src/domain/id.rs:3: domain may not name crate::wire::control::Control"]);
}

#[test]
fn each_direction_holds() {
    for (file, path, allowed) in [
        ("src/wire/bulk.rs", "crate::domain::BlobHash", true),
        ("src/wire/bulk.rs", "crate::engine::input::Input", false),
        ("src/engine/fetch.rs", "crate::wire::bulk::Bulk", true),
        ("src/engine/fetch.rs", "crate::runtime::store::Store", false),
        ("src/runtime/link/mod.rs", "crate::engine::output::Output", true),
        ("src/runtime/link/mod.rs", "crate::ui::app::App", false),
        ("src/runtime/link/mod.rs", "crate::run::gui", false),
        ("src/ui/app.rs", "crate::engine::snapshot::Snapshot", true),
        ("src/ui/app.rs", "crate::engine::Snapshot", true),
        ("src/ui/app.rs", "crate::engine::input::Input", false),
        ("src/ui/app.rs", "crate::engine::Engine", false),
        ("src/ui/app.rs", "crate::runtime::handle::Handle", false),
        ("src/ui/app.rs", "crate::wire::plugin::Role", false),
        ("src/ui/app.rs", "crate::tray::menu", false),
        ("src/tray/menu.rs", "crate::engine::command::Command", true),
        ("src/tray/menu.rs", "crate::ui::view::View", false),
        ("src/run/gui.rs", "crate::ui::app::App", true),
        ("src/run/gui.rs", "crate::runtime::handle::Handle", true),
        ("src/main.rs", "fyteclub::run::main", true),
        ("src/main.rs", "fyteclub::engine::Engine", false),
        ("src/ui/app.rs", "crate::ui::view::View", true),
    ] {
        for snippet in [format!("use {path};"), format!("fn f() {{ let _ = {path}::new(); }}")] {
            assert_eq!(violations(file, &snippet).is_empty(), allowed, "{snippet} in {file}");
        }
    }
}

#[test]
fn paths_are_found_in_groups_and_behind_super() {
    let group = "use crate::{\n    domain::PeerId,\n    engine::{self, snapshot::Snapshot, input::{Input as I, *}},\n};";
    assert_eq!(
        violations("src/ui/app.rs", group),
        [
            "src/ui/app.rs:1: ui may not name crate::engine",
            "src/ui/app.rs:1: ui may not name crate::engine::input::Input",
            "src/ui/app.rs:1: ui may not name crate::engine::input::*",
        ]
    );
    assert_eq!(violations("src/wire/mod.rs", "use super::engine::Engine;").len(), 1, "the layer's own mod.rs");
    assert_eq!(violations("src/wire/bulk.rs", "use super::engine::Engine;"), [""; 0], "a module of wire's own");
    assert_eq!(violations("src/wire/bulk.rs", "use super::super::engine::Engine;").len(), 1);
    assert_eq!(violations("src/wire/bulk.rs", "mod tests { use super::super::engine::Engine; }"), [""; 0]);
    assert_eq!(violations("src/wire/bulk.rs", "mod tests { use super::super::super::engine::Engine; }").len(), 1);
    assert_eq!(violations("src/odd/mod.rs", "use crate::domain::PeerId;").len(), 1, "a layer without a rule");
}

#[test]
fn comments_and_texts_are_no_paths() {
    let text = r##"
        //! crate::engine::Engine
        /* crate::engine /* crate::engine */ crate::engine */
        fn f<'a>(x: &'a str) -> char { let _ = ("crate::engine \" crate::engine", r#"crate::engine " "#, b"crate::engine"); '"' }
        pub(crate) struct S;
    "##;
    assert_eq!(violations("src/domain/id.rs", text), [""; 0]);
    assert_eq!(violations("src/domain/id.rs", &format!("{text} use crate::engine::Engine;")).len(), 1, "nothing is swallowed");
}

#[test]
fn a_clock_outside_its_layers_is_found() {
    let clock = "use std::time::Instant;\nfn f() {\n    Instant::now();\n    std::time::SystemTime::now();\n}";
    assert_eq!(
        clock_violations(&source("src/engine/mod.rs", clock)),
        ["src/engine/mod.rs:3: engine may not call Instant::now", "src/engine/mod.rs:4: engine may not call SystemTime::now"]
    );
    assert_eq!(clock_violations(&source("src/runtime/clock.rs", clock)), [""; 0]);
    assert_eq!(clock_violations(&source("src/run/gui.rs", clock)), [""; 0]);
    let in_a_test = format!("#[cfg(test)]\nmod tests {{ {clock} }}");
    assert_eq!(clock_violations(&source("src/engine/mod.rs", &in_a_test)), [""; 0]);
    assert_eq!(clock_violations(&source("src/engine/mod.rs", &format!("{in_a_test} {clock}"))).len(), 2);
    let declared = source("src/engine/link/mod.rs", "#[cfg(test)]\nmod tests;\nmod budget;");
    assert_eq!(test_modules(&[declared]), BTreeSet::from([["engine", "link", "tests"].map(str::to_owned).to_vec()]));
}

#[test]
fn a_long_file_is_found() {
    assert_eq!(length_violation(&source("src/a.rs", &"\n".repeat(MAX_LINES))), None);
    let found = length_violation(&source("src/a.rs", &"\n".repeat(MAX_LINES + 1)));
    assert_eq!(found.as_deref(), Some("src/a.rs:601: a file has at most 600 lines, this has 601"));
}

/// A source file, read.
struct Source {
    /// From the package's folder, with `/`.
    path: String,
    /// The module that the file is.
    module: Vec<String>,
    text: String,
}

impl Source {
    /// The top-level module, or `main`, or `lib`.
    fn layer(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }

    fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

fn expect_none(violations: impl Iterator<Item = impl AsRef<str>>) {
    let list = violations.fold(String::new(), |mut list, violation| {
        let _ = writeln!(list, "  {}", violation.as_ref());
        list
    });
    assert!(list.is_empty(), "against the architecture (see src/lib.rs and CONTRIBUTING.md):\n{list}");
}

fn violations(path: &str, text: &str) -> Vec<String> {
    layer_violations(&source(path, text))
}

fn layer_violations(source: &Source) -> Vec<String> {
    let layer = source.layer();
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
        return vec![source.at(1, &format!("no rule says what {layer} may name: add one to tests/architecture.rs"))];
    };
    let named = root_paths(source).into_iter().filter(|(path, _)| !may_name(layer, allowed, path));
    named.map(|(path, line)| source.at(line, &format!("{layer} may not name crate::{}", path.join("::")))).collect()
}

fn may_name(layer: &str, allowed: &[&str], path: &[String]) -> bool {
    let own = path.first().is_some_and(|first| first == layer);
    own || allowed
        .iter()
        .any(|allowed| allowed.split("::").zip(path).filter(|(a, b)| a == b).count() == allowed.split("::").count())
}

fn clock_violations(source: &Source) -> Vec<String> {
    if WITH_A_CLOCK.contains(&source.layer()) {
        return Vec::new();
    }
    let tokens = tokens(&source.text);
    let scopes = Scopes::of(&tokens);
    let called = tokens.windows(3).enumerate().filter(|(at, _)| !scopes.in_test[*at]).filter_map(|(_, window)| {
        let clock = CLOCKS.iter().find(|[kind, call]| *kind == window[0].0 && window[1].0 == "::" && *call == window[2].0)?;
        Some(source.at(window[0].1, &format!("{} may not call {}", source.layer(), clock.join("::"))))
    });
    called.collect()
}

fn length_violation(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    let message = format!("a file has at most {MAX_LINES} lines, this has {lines}");
    (lines > MAX_LINES).then(|| source.at(lines, &message))
}

/// Every path from the crate's root that the file names, and its line.
fn root_paths(source: &Source) -> Vec<(Vec<String>, usize)> {
    let tokens = tokens(&source.text);
    let scopes = Scopes::of(&tokens);
    let mut found = Vec::new();
    for (at, (token, line)) in tokens.iter().enumerate() {
        let begins = at.checked_sub(1).is_none_or(|before| tokens[before].0 != "::");
        let behind = match token.as_str() {
            "crate" => Some(at + 1),
            "fyteclub" if source.layer() == "main" => Some(at + 1),
            "super" if begins => end_of_supers(&tokens, at, source.module.len() + scopes.depth[at]),
            _ => None,
        };
        if let Some(behind) = behind.filter(|behind| tokens.get(*behind).is_some_and(|(token, _)| token == "::")) {
            let paths = paths_behind(&tokens, behind + 1, &[]).0;
            found.extend(paths.into_iter().map(|path| (path, *line)));
        }
    }
    found
}

/// Where a chain of exactly so many `super`s as lead to the crate's root ends.
fn end_of_supers(tokens: &[Token], at: usize, depth: usize) -> Option<usize> {
    let supers =
        tokens[at..].chunks(2).take_while(|pair| pair[0].0 == "super" && pair.get(1).is_some_and(|t| t.0 == "::")).count();
    (supers >= depth).then(|| at + 2 * supers - 1)
}

/// The paths of a use tree or an expression that go on at `at`, and where they end.
fn paths_behind(tokens: &[Token], mut at: usize, before: &[String]) -> (Vec<Vec<String>>, usize) {
    let mut path = before.to_vec();
    loop {
        match tokens.get(at).map(|token| token.0.as_str()) {
            Some("{") => return group(tokens, at + 1, &path),
            Some("self") => at += 1,
            Some(name) if name == "*" || is_name(name) => {
                path.push(name.to_owned());
                at += 1;
            }
            _ => return (vec![path], at),
        }
        if tokens.get(at).is_none_or(|token| token.0 != "::") {
            return (vec![path], at);
        }
        at += 1;
    }
}

fn group(tokens: &[Token], mut at: usize, before: &[String]) -> (Vec<Vec<String>>, usize) {
    let mut paths = Vec::new();
    while let Some((token, _)) = tokens.get(at) {
        match token.as_str() {
            "}" => return (paths, at + 1),
            "," => at += 1,
            // The name behind `as` names nothing that is there.
            "as" => at += 2,
            _ => {
                let (inner, end) = paths_behind(tokens, at, before);
                paths.extend(inner);
                at = end.max(at + 1);
            }
        }
    }
    (paths, at)
}

/// For each token: how many modules of the file it stands in, and whether one of them is only there for tests.
struct Scopes {
    depth: Vec<usize>,
    in_test: Vec<bool>,
}

impl Scopes {
    fn of(tokens: &[Token]) -> Self {
        let mut scopes = Self { depth: Vec::new(), in_test: Vec::new() };
        // For each open brace: whether it opens a module, and whether that is for tests.
        let mut open: Vec<(bool, bool)> = Vec::new();
        for (at, (token, _)) in tokens.iter().enumerate() {
            match token.as_str() {
                "{" => open.push(module_opened(tokens, at)),
                "}" => drop(open.pop()),
                _ => {}
            }
            scopes.depth.push(open.iter().filter(|(module, _)| *module).count());
            scopes.in_test.push(open.iter().any(|(_, test)| *test));
        }
        scopes
    }
}

fn module_opened(tokens: &[Token], brace: usize) -> (bool, bool) {
    let module = brace.checked_sub(2).filter(|at| tokens[*at].0 == "mod");
    (module.is_some(), module.is_some_and(|at| is_for_tests(tokens, at)))
}

/// Whether `#[cfg(test)]` stands before the `mod` at `at` (which may be public).
fn is_for_tests(tokens: &[Token], at: usize) -> bool {
    const CFG_TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let before: Vec<_> = tokens[..at].iter().map(|token| token.0.as_str()).filter(|token| *token != "pub").collect();
    let before = before.strip_suffix(&["(", "crate", ")"]).unwrap_or(&before);
    before.ends_with(&CFG_TEST)
}

/// Modules in files of their own that are only there for tests.
fn test_modules(sources: &[Source]) -> BTreeSet<Vec<String>> {
    let declared = |source: &Source| {
        let tokens = tokens(&source.text);
        let is_test = |at: usize| tokens[at].0 == "mod" && tokens[at + 2].0 == ";" && is_for_tests(&tokens, at);
        let names = (0..tokens.len().saturating_sub(2)).filter(|at| is_test(*at)).map(|at| tokens[at + 1].0.clone());
        names.map(|name| [source.module.clone(), vec![name]].concat()).collect::<Vec<_>>()
    };
    sources.iter().flat_map(declared).collect()
}

/// A name, `::` or a single other character, and its line.
type Token = (String, usize);

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The tokens of Rust source, without comments, texts and characters.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = skipped(rest).unwrap_or_else(|| {
            let length = token_length(rest, first);
            if !first.is_whitespace() {
                tokens.push((rest[..length].to_owned(), line));
            }
            length
        });
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

fn token_length(rest: &str, first: char) -> usize {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    if word(first) {
        rest.find(|c| !word(c)).unwrap_or(rest.len())
    } else if rest.starts_with("::") {
        2
    } else {
        first.len_utf8()
    }
}

/// The length of a comment, text, character or lifetime that begins here.
fn skipped(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    if let Some(text) = rest.strip_prefix('"') {
        return Some(1 + quoted(text, '"'));
    }
    if let Some(after) = rest.strip_prefix('\'') {
        // A lifetime has no second quote behind its first letter.
        let character = after.starts_with('\\') || after.chars().nth(1) == Some('\'');
        return Some(if character { 1 + quoted(after, '\'') } else { 1 + token_length(after, after.chars().next()?) });
    }
    raw_text(rest)
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let tail = &rest[at..];
        if tail.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if tail.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                break;
            }
        } else {
            at += tail.chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// How long a text goes on, its closing quote included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if !escaped && c == quote {
            return at + 1;
        }
        escaped = !escaped && c == '\\';
    }
    text.len()
}

/// The length of `r"…"`, `r#"…"#` and so on, with `b` or `c` before it or not.
fn raw_text(rest: &str) -> Option<usize> {
    let raw = rest.strip_prefix(['b', 'c']).unwrap_or(rest).strip_prefix('r')?;
    let text = raw.trim_start_matches('#');
    let hashes = raw.len() - text.len();
    let text = text.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = text.find(&end).map_or(text.len(), |at| at + end.len());
    Some(rest.len() - text.len() + length)
}

fn source(path: &str, text: &str) -> Source {
    let module = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    let module = module.split('/').map(str::to_owned).collect();
    Source { path: path.to_owned(), module, text: text.to_owned() }
}

fn source_files(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    collect(&root.join(folder), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root).unwrap().components().map(|part| part.as_os_str().to_str().unwrap());
        source(&name.collect::<Vec<_>>().join("/"), &std::fs::read_to_string(&path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

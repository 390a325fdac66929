//! A RON file as text with its keys opened: what a file holds, whether or not this program knows the types of it.
//!
//! Structs (`(key: value, …)`) and maps (`{key: value, …}`) are opened; everything else is a leaf, kept to the letter but for comments.
//! So a key can be carried over, moved or renamed without knowing what its value means.

use std::fmt::Write as _;

/// Deeper files are not ours.
const MAX_DEPTH: usize = 64;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// Keys of a struct, in their order.
    Struct(Vec<(String, Self)>),
    /// Entries of a map, in their order; the keys are values to the letter.
    Map(Vec<(String, Self)>),
    /// Anything else.
    Leaf(String),
}

impl Tree {
    /// Opens a text. Nothing if it is no RON, or RON with attributes, whose values mean something else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text };
        let tree = reader.value(0)?;
        reader.skip_blank()?;
        reader.rest.is_empty().then_some(tree)
    }

    /// The value of a key, here and not deeper.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.entries_mut()?.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Sets a key, in its place if it is there, else behind all others.
    pub(super) fn set(&mut self, key: &str, value: Self) {
        if let Some(there) = self.get_mut(key) {
            *there = value;
        } else if let Some(entries) = self.entries_mut() {
            entries.push((key.to_owned(), value));
        }
    }

    /// A leaf's text.
    pub(super) fn leaf(&self) -> Option<&str> {
        match self {
            Self::Leaf(text) => Some(text),
            Self::Struct(_) | Self::Map(_) => None,
        }
    }

    /// The keys of structs that `known` does not have in the same place, each with its path. Entries of a map are no keys: one
    /// that is missing was deleted.
    pub(super) fn unknown_to(&self, known: &Self) -> Vec<(Vec<String>, Self)> {
        let mut found = Vec::new();
        self.collect_unknown(known, &mut Vec::new(), &mut found);
        found
    }

    /// Adds a value under a path, if everything above it is there and it is not.
    pub(super) fn carry(&mut self, path: &[String], value: Self) {
        let Some((key, above)) = path.split_last() else { return };
        let place = above.iter().try_fold(self, |tree, key| tree.get_mut(key));
        if let Some(place) = place
            && place.get(key).is_none()
        {
            place.set(key, value);
        }
    }

    /// The text of it, laid out like what `ron` writes.
    pub(super) fn render(&self) -> String {
        let mut out = String::new();
        self.render_into(&mut out, 0);
        out.push('\n');
        out
    }

    fn entries(&self) -> Option<&Vec<(String, Self)>> {
        match self {
            Self::Struct(entries) | Self::Map(entries) => Some(entries),
            Self::Leaf(_) => None,
        }
    }

    fn entries_mut(&mut self) -> Option<&mut Vec<(String, Self)>> {
        match self {
            Self::Struct(entries) | Self::Map(entries) => Some(entries),
            Self::Leaf(_) => None,
        }
    }

    fn collect_unknown(&self, known: &Self, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Self)>) {
        let is_struct = matches!((self, known), (Self::Struct(_), Self::Struct(_)));
        let (Some(entries), Some(_)) = (self.entries(), known.entries()) else { return };
        for (key, value) in entries {
            path.push(key.clone());
            match known.get(key) {
                Some(same) => value.collect_unknown(same, path, found),
                None if is_struct => found.push((path.clone(), value.clone())),
                None => {}
            }
            path.pop();
        }
    }

    fn render_into(&self, out: &mut String, depth: usize) {
        let (open, close, entries) = match self {
            Self::Leaf(text) => return out.push_str(text),
            Self::Struct(entries) => ('(', ')', entries),
            Self::Map(entries) => ('{', '}', entries),
        };
        out.push(open);
        if !entries.is_empty() {
            out.push('\n');
            for (key, value) in entries {
                // Writing to a string does not fail.
                let _ = write!(out, "{:width$}{key}: ", "", width = 4 * (depth + 1));
                value.render_into(out, depth + 1);
                out.push_str(",\n");
            }
            let _ = write!(out, "{:width$}", "", width = 4 * depth);
        }
        out.push(close);
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Tree> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_blank()?;
        if self.opens_struct() {
            return self.entries('(', ')', depth).map(Tree::Struct);
        }
        if self.rest.starts_with('{') {
            return self.entries('{', '}', depth).map(Tree::Map);
        }
        self.leaf(&[',', ')', '}', ']']).map(Tree::Leaf)
    }

    /// Whether what follows is `()` or `(key:`.
    fn opens_struct(&self) -> bool {
        let Some(inside) = self.rest.strip_prefix('(') else { return false };
        let mut ahead = Self { rest: inside };
        if ahead.skip_blank().is_none() {
            return false;
        }
        if ahead.rest.starts_with(')') {
            return true;
        }
        ahead.name().is_some() && ahead.skip_blank().is_some() && ahead.rest.starts_with(':') && !ahead.rest.starts_with("::")
    }

    fn entries(&mut self, open: char, close: char, depth: usize) -> Option<Vec<(String, Tree)>> {
        self.eat(open)?;
        let mut entries = Vec::new();
        loop {
            self.skip_blank()?;
            if self.eat(close).is_some() {
                return Some(entries);
            }
            let key = if open == '(' { self.name()?.to_owned() } else { self.leaf(&[':'])? };
            self.skip_blank()?;
            self.eat(':')?;
            entries.push((key, self.value(depth + 1)?));
            self.skip_blank()?;
            if self.eat(',').is_none() && !self.rest.starts_with(close) {
                return None;
            }
        }
    }

    /// Everything up to one of these characters that stands outside of brackets, texts and comments. Comments are left out.
    fn leaf(&mut self, ends: &[char]) -> Option<String> {
        let mut leaf = String::new();
        let mut depth = 0_usize;
        loop {
            self.skip_comment()?;
            let Some(next) = self.rest.chars().next() else { break };
            if depth == 0 && ends.contains(&next) {
                break;
            }
            match next {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.checked_sub(1)?,
                _ => {}
            }
            let length = self.word_length(next, &leaf)?;
            leaf.push_str(self.take(length)?);
        }
        let leaf = leaf.trim();
        (!leaf.is_empty() && depth == 0).then(|| leaf.to_owned())
    }

    /// The length of what begins here with `next`: a text, a raw text, a character in quotes, or `next` alone. Nothing if it has no end.
    fn word_length(&self, next: char, before: &str) -> Option<usize> {
        if matches!(next, '"' | '\'') {
            return quoted(self.rest, next);
        }
        let in_a_word = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let behind = self.rest.strip_prefix('r').filter(|_| !in_a_word).unwrap_or_default();
        let hashes = behind.bytes().take_while(|byte| *byte == b'#').count();
        match behind.get(hashes..)?.strip_prefix('"') {
            None => Some(next.len_utf8()),
            Some(inside) => {
                let end = format!("\"{}", "#".repeat(hashes));
                // Before the content: the letter, the hashes, the quote.
                inside.find(&end).map(|at| 1 + hashes + 1 + at + end.len())
            }
        }
    }

    fn name(&mut self) -> Option<&'a str> {
        let length = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
        self.take(length).filter(|name| !name.is_empty())
    }

    fn skip_blank(&mut self) -> Option<()> {
        loop {
            let before = self.rest.len();
            self.rest = self.rest.trim_start();
            self.skip_comment()?;
            if self.rest.len() == before {
                return Some(());
            }
        }
    }

    /// Nothing if a comment has no end.
    fn skip_comment(&mut self) -> Option<()> {
        if self.rest.starts_with("//") {
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take(length)?;
        } else if self.rest.starts_with("/*") {
            let mut depth = 0_usize;
            loop {
                if self.rest.starts_with("/*") {
                    depth += 1;
                    self.take(2)?;
                } else if self.rest.starts_with("*/") {
                    depth -= 1;
                    self.take(2)?;
                } else {
                    self.take(self.rest.chars().next()?.len_utf8())?;
                }
                if depth == 0 {
                    break;
                }
            }
        }
        Some(())
    }

    fn eat(&mut self, c: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(c)?;
        Some(())
    }

    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }
}

/// The length of what stands in these quotes, both of them included.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let ends = |(_, c): &(usize, char)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    };
    text.char_indices().skip(1).find(ends).map(|(at, c)| at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = r##"
        // a comment (with: brackets
        (
            version: 1, /* one /* nested */ */
            of: (
                name: Some("a \" b, c: (d) // no comment"),
                raw: r#"x "quoted", y"#,
                letter: ',',
                list: [1, (2, 3), "]"], // mine
                named: named(["eth0"]),
                empty: (),
                map: {"a": (x: 1), (1, 2): 5},
                limits: (files: 3, new: Foo(bar: 1)),
            ),
        )"##;

    #[test]
    fn keys_are_opened_and_values_are_kept_to_the_letter() {
        let tree = Tree::parse(TEXT).unwrap();
        assert_eq!(tree.get("version").and_then(Tree::leaf), Some("1"));
        let of = tree.get("of").unwrap();
        for (key, text) in [
            ("name", r#"Some("a \" b, c: (d) // no comment")"#),
            ("raw", r##"r#"x "quoted", y"#"##),
            ("letter", "','"),
            ("list", r#"[1, (2, 3), "]"]"#),
            ("named", r#"named(["eth0"])"#),
        ] {
            assert_eq!(of.get(key).and_then(Tree::leaf), Some(text), "{key}");
        }
        assert_eq!(of.get("empty"), Some(&Tree::Struct(vec![])));
        assert!(matches!(of.get("map"), Some(Tree::Map(entries)) if entries.len() == 2 && entries[1].0 == "(1, 2)"));
        assert_eq!(of.get("limits").and_then(|limits| limits.get("new")).and_then(Tree::leaf), Some("Foo(bar: 1)"));
        assert_eq!(Tree::parse(&tree.render()).as_ref(), Some(&tree));
        assert!(ron::from_str::<ron::Value>(&tree.render()).is_ok(), "{}", tree.render());
    }

    #[test]
    fn unknown_keys_are_found_at_every_depth_and_carried_to_where_they_were() {
        let old = Tree::parse(r#"(a: 1, b: (c: 2, new: "x, y"), peers: {"p": (q: 1, r: 2), "gone": (q: 1)}, top: [1])"#).unwrap();
        let mut written = Tree::parse(r#"(a: 5, b: (c: 2), peers: {"p": (q: 3)})"#).unwrap();
        let unknown = old.unknown_to(&written);
        let paths: Vec<String> = unknown.iter().map(|(path, _)| path.join(".")).collect();
        assert_eq!(paths, ["b.new", r#"peers."p".r"#, "top"]);
        for (path, value) in unknown {
            written.carry(&path, value);
        }
        let expected = r#"(a: 5, b: (c: 2, new: "x, y"), peers: {"p": (q: 3, r: 2)}, top: [1])"#;
        assert_eq!(Some(written), Tree::parse(expected));
    }

    #[test]
    fn what_is_no_ron_is_nothing() {
        let deep = format!("{}x: 1{}", "(a: ".repeat(1000), ")".repeat(1000));
        for bad in ["", "(", "(a: )", "(a: 1", "(a: 1))", "(a: \"x)", "(a: [1)", "/* x", "#![enable(x)] (a: 1)", &deep] {
            assert!(Tree::parse(bad).is_none_or(|tree| tree.leaf().is_some()), "{bad:.40}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn garbage_never_panics(text in r#"[(){}\[\]:,"'#r/* a1\\\n]{0,60}"#) {
            if let Some(tree) = Tree::parse(&text) {
                let _ = tree.unknown_to(&tree);
                let _ = tree.render();
            }
        }
    }
}

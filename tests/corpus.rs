//! Replays the fuzz targets' corpora without the fuzzer: what once broke a decoder never breaks it again.
//!
//! `FYTECLUB_WRITE=1 cargo test --test corpus` writes the seeds, good inputs made by our own encoders, anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(missing_docs, unreachable_pub, reason = "the modules are those of the fuzzer")]

#[path = "fuzz/src/memory.rs"]
mod memory;
#[path = "fuzz/src/targets/mod.rs"]
mod targets;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use targets::{TARGETS, check};

#[global_allocator]
static COUNTED: memory::Counted = memory::Counted;

/// What is in a target's corpus beside its seeds was found by the fuzzer.
const SEED: &str = "seed-";

#[test]
fn every_seed_is_understood_and_stands_in_its_corpus() {
    for target in TARGETS {
        let folder = corpus().join(target.name);
        let seeds = (target.seeds)();
        if std::env::var_os("FYTECLUB_WRITE").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            seeds.iter().for_each(|(name, bytes)| std::fs::write(folder.join(format!("{SEED}{name}")), bytes).unwrap());
        }
        let names: BTreeSet<String> = seeds.iter().map(|(name, _)| format!("{SEED}{name}")).collect();
        for (name, bytes) in &seeds {
            assert!(check(target, bytes), "{}: the seed {name} is not understood", target.name);
        }
        let there: BTreeSet<String> =
            files(&folder).into_iter().map(|path| name_of(&path)).filter(|name| name.starts_with(SEED)).collect();
        assert_eq!(there, names, "{}: write the seeds anew", target.name);
    }
}

#[test]
fn every_corpus_is_replayed_within_its_cost() {
    let known: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    let folders: BTreeSet<String> = files(&corpus()).iter().map(|path| name_of(path)).collect();
    assert_eq!(folders, known, "a corpus without a target is replayed by nobody");
    for target in TARGETS {
        for path in files(&corpus().join(target.name)) {
            println!("{}", path.display());
            check(target, &std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn what_costs_more_than_it_may_is_noticed() {
    let (length, most) = memory::measured(|| vec![1_u8; 1 << 20].len());
    assert!(length == 1 << 20 && (1 << 20..2 << 20).contains(&most), "{most}");
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

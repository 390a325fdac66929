//! Gives the program its version and, on Windows, its icon and manifest.
//!
//! `FYTECLUB_VERSION` is the package's version, followed by the commit where there is one: `0.1.0 (1a2b3c4)`. Neither git nor, for
//! a mere type check from another system, a resource compiler is required.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const ICON: &str = "assets/fyteclub.ico";
const MANIFEST: &str = "assets/fyteclub.manifest";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let package = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    println!("cargo:rustc-env=FYTECLUB_VERSION={}", version(&package));
    if variable("CARGO_CFG_TARGET_OS") == "windows" {
        embed_resources(&package);
    }
}

/// A variable that cargo sets for every build script.
fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

fn version(package: &Path) -> String {
    let version = variable("CARGO_PKG_VERSION");
    match commit(package) {
        Some(commit) => format!("{version} ({commit})"),
        None => version,
    }
}

/// The commit that is checked out; `None` without git, or where the package does not lie in a repository of its own.
fn commit(package: &Path) -> Option<String> {
    if !package.join(".git").exists() {
        return None;
    }
    // Written to by every commit and checkout.
    let log = package.join(git(package, &["rev-parse", "--git-path", "logs/HEAD"])?);
    if log.exists() {
        println!("cargo:rerun-if-changed={}", log.display());
    }
    git(package, &["rev-parse", "--short=7", "HEAD"])
}

fn git(package: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").current_dir(package).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let line = text.trim();
    (output.status.success() && !line.is_empty()).then(|| line.to_owned())
}

fn embed_resources(package: &Path) {
    let path = |name: &str| package.join(name).display().to_string();
    println!("cargo:rerun-if-changed={ICON}");
    println!("cargo:rerun-if-changed={MANIFEST}");
    let mut resource = winresource::WindowsResource::new();
    resource.set_icon(&path(ICON)).set_manifest_file(&path(MANIFEST));
    resource.set("ProductName", "FyteClub").set("FileDescription", "FyteClub").set("LegalCopyright", "FyteClub contributors");
    if let Err(error) = resource.compile_for("fyteclub") {
        println!("cargo:warning=the program gets no icon and no manifest, for the resource compiler failed: {error}");
    }
}

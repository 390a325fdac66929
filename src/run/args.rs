//! The command line.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args as ClapArgs, Parser, Subcommand};

use super::ctl::args::CtlArgs;
use super::rendezvous::RendezvousArgs;
use super::stage::wardrobe::Size;
use crate::domain::Character;
use crate::runtime::files::Profile;

/// Friends in Final Fantasy XIV see each other's modded characters, with no central server.
///
/// Without a command the window opens. Settings, friends and cache lie in a profile folder; with --profile several
/// companions run side by side.
#[derive(Clone, Debug, Parser)]
#[command(name = "fyteclub", version = env!("FYTECLUB_VERSION"), args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What to run.
    #[command(subcommand)]
    pub program: Option<Program>,
    /// The window's or the headless companion's own arguments.
    #[command(flatten)]
    pub companion: CompanionArgs,
}

/// Arguments of the companion itself.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct CompanionArgs {
    /// Start in the tray, without showing the window.
    #[arg(long, conflicts_with = "headless")]
    pub hidden: bool,
    /// Run without a window; `fyteclub ctl` commands it.
    #[arg(long)]
    pub headless: bool,
    /// Keep everything in this folder.
    #[command(flatten)]
    pub profile: ProfileArg,
}

/// Which profile is meant.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct ProfileArg {
    /// The folder that holds settings, friends and cache; without it the system's folder for such things.
    #[arg(long = "profile", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

impl ProfileArg {
    /// The profile.
    ///
    /// # Errors
    /// If none is given and the system names no home folder.
    pub fn profile(&self) -> anyhow::Result<Profile> {
        match &self.folder {
            Some(folder) => Ok(Profile::at(folder)),
            None => Profile::of_user().context("Failed to find the profile"),
        }
    }
}

/// What to run apart from the companion.
#[derive(Clone, Debug, Subcommand)]
pub enum Program {
    /// Ask and command a running companion.
    Ctl(CtlArgs),
    /// Play the game plugin: publish a folder as a character's look, lay friends' looks into another.
    PluginSim(PluginSimArgs),
    /// Run a relay of your own, by which friends find each other across the internet.
    Rendezvous(RendezvousArgs),
    /// Show the whole thing with made-up friends on this machine; leaves nothing behind.
    Demo(DemoArgs),
}

/// Arguments of the plugin simulator.
#[derive(Clone, Debug, ClapArgs)]
pub struct PluginSimArgs {
    /// Which companion to talk to.
    #[command(flatten)]
    pub profile: ProfileArg,
    /// The character that is logged in.
    #[arg(long, value_name = "NAME@WORLD")]
    pub character: Character,
    /// The folder with its look: paths within it are game paths, and `_texts/NAME.txt` are the texts of other plugins.
    #[arg(long, value_name = "DIR")]
    pub publish: PathBuf,
    /// Where friends' looks are laid, each in a folder of its own; without it they are only checked to be there.
    #[arg(long, value_name = "DIR")]
    pub apply_to: Option<PathBuf>,
    /// Come by the port for plugins in a Wine or Proton prefix instead of the pipe.
    #[arg(long)]
    pub tcp: bool,
    /// Write paths as in a Wine prefix with this drive; may be given more than once: `--drive Z:=/`.
    #[arg(long, value_name = "X:=DIR", value_parser = drive)]
    pub drive: Vec<(String, String)>,
    /// Characters that are near; may be given more than once. Without it nobody is.
    #[arg(long, value_name = "NAME@WORLD")]
    pub nearby: Vec<Character>,
}

/// A drive letter with its colon, and a folder.
fn drive(text: &str) -> Result<(String, String), String> {
    let (letter, folder) = text.split_once('=').ok_or("a drive and its folder are wanted, like Z:=/")?;
    Ok((letter.to_owned(), folder.to_owned()))
}

/// Arguments of the demo.
#[derive(Clone, Debug, ClapArgs)]
pub struct DemoArgs {
    /// As text, without a window; answers every prompt by itself.
    #[arg(long)]
    pub headless: bool,
    /// Answer every prompt by itself.
    #[arg(long)]
    pub auto: bool,
    /// How many friends there are.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=6))]
    pub friends: u32,
    /// How heavy their looks are.
    #[arg(long, value_enum, default_value_t = Size::Light)]
    pub size: Size,
    /// Keep the temporary folder and say where it is.
    #[arg(long)]
    pub keep: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Args, clap::Error> {
        Args::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definitions_are_sound() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn without_a_command_the_companion_runs() {
        let args = parse("fyteclub --headless --profile /tmp/a").unwrap();
        assert!(args.program.is_none() && args.companion.headless);
        assert_eq!(args.companion.profile.profile().unwrap(), Profile::at("/tmp/a"));
        assert!(parse("fyteclub --headless --hidden").is_err());
    }

    #[test]
    fn a_profile_before_a_command_is_refused_and_not_forgotten() {
        assert!(parse("fyteclub --profile /tmp/a ctl status").is_err());
        let Some(Program::Ctl(ctl)) = parse("fyteclub ctl --profile /tmp/a status").unwrap().program else { panic!() };
        assert_eq!(ctl.folder, Some("/tmp/a".into()));
    }

    #[test]
    fn the_simulator_and_the_demo_read_their_arguments() {
        let line =
            "fyteclub plugin-sim --profile p --character Aria@Phoenix --publish d --apply-to e --nearby Bo@Odin --nearby Cy@Odin";
        let Some(Program::PluginSim(sim)) = parse(line).unwrap().program else { panic!() };
        assert_eq!((sim.character.to_string().as_str(), sim.nearby.len()), ("Aria@Phoenix", 2));
        assert!(parse("fyteclub plugin-sim --character Aria --publish d").is_err());
        let Some(Program::Demo(demo)) = parse("fyteclub demo --headless --size typical").unwrap().program else { panic!() };
        assert_eq!((demo.friends, demo.size), (2, Size::Typical));
        assert!(parse("fyteclub demo --friends 0").is_err());
    }
}

//! The program `fyteclub`: reads the command line and calls what it names.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use fyteclub::run::args::{Args, CompanionArgs, Program};
use fyteclub::run::{self, ctl, demo, gui, headless, plugin_sim, rendezvous};

fn main() -> ExitCode {
    run::follow_parent();
    let args = Args::parse();
    let result = match args.program {
        None => companion(&args.companion),
        Some(Program::Ctl(ctl)) => Ok(ctl::run(&ctl)),
        Some(Program::PluginSim(sim)) => plugin_sim::run(sim).map(|()| ExitCode::SUCCESS),
        Some(Program::Rendezvous(relay)) => rendezvous::run(&relay),
        Some(Program::Demo(demo)) => demo::run(&demo),
    };
    result.unwrap_or_else(|error| {
        run::complain(&error);
        ExitCode::FAILURE
    })
}

fn companion(args: &CompanionArgs) -> Result<ExitCode> {
    let profile = args.profile.profile()?;
    if args.headless { headless::run(profile) } else { gui::companion_or_why(&profile, args.hidden) }
}

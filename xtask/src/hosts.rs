//! `hosts`: the plugin in whole DAWs from Debian, too heavy for every run of the tests.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{artifacts, command, python, system, test};

/// A DAW, the packages that bring it, and the scripts that drive it.
struct Host {
    name: &'static str,
    packages: &'static [&'static str],
    scripts: &'static [&'static str],
}

const HOSTS: &[Host] = &[
    Host {
        name: "ardour",
        // The compiler is for the module that stands between Ardour and the plugin.
        packages: &["ardour", "gcc"],
        scripts: &["tests/hosts/daw/ardour.py", "tests/hosts/daw/ardour_song.py"],
    },
    Host { name: "ardour-drag", packages: &["ardour"], scripts: &["tests/hosts/daw/ardour_drag.py"] },
    Host { name: "ardour-keys", packages: &["ardour"], scripts: &["tests/hosts/daw/ardour_keys.py"] },
];

/// Runs the named hosts, or all of them.
pub(crate) fn run(names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| HOSTS.iter().all(|host| host.name != *name)) {
        let known: Vec<_> = HOSTS.iter().map(|host| host.name).collect();
        bail!("there is no host '{unknown}'; there are: {}", known.join(", "));
    }
    system::require(system::SCREEN, "to show the hosts' windows")?;
    artifacts::tool()?;
    artifacts::bundle()?;
    let python = python::environment()?;
    let mut failed = Vec::new();
    for host in HOSTS.iter().filter(|host| names.is_empty() || names.iter().any(|name| name == host.name)) {
        println!("\n━━━ {}", host.name);
        system::require(host.packages, "to run this host")?;
        for path in host.scripts {
            let mut script = Command::new(&python);
            script.arg(path);
            test::set_artifact_paths(&mut script);
            if let Err(error) = command::run(&mut script) {
                println!("{error:#}");
                failed.push(host.name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
}

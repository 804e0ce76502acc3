//! The standalone app: the plugin with a sound card or JACK. It plays at once, says on what, and begins anew
//! where another device is chosen in its settings.

use cpal::traits::{DeviceTrait, HostTrait};
use deepdrummer_plugin::DeepDrummer;
use deepdrummer_plugin::app::{self, Audio, Device};
use nice_plug::prelude::nice_export_standalone_with_args;
use std::process::ExitCode;

/// Devices that are offered; the rest can be named on the command line.
const MOST_DEVICES: usize = 24;

/// The framework's name for what drives sound cards here.
const CARDS: &str = if cfg!(target_os = "macos") {
    "core-audio"
} else if cfg!(target_os = "windows") {
    "wasapi"
} else {
    "alsa"
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |names: &[&str]| {
        let is = |argument: &String| {
            names.iter().any(|name| argument == name || argument.starts_with(&format!("{name}=")))
        };
        arguments.iter().skip(1).any(is)
    };
    if has(&["--version", "-V"]) {
        println!("deepdrummer-app {}", env!("CARGO_PKG_VERSION"));
        return ExitCode::SUCCESS;
    }
    if has(&["--help", "-h"]) || has(&["--backend", "-b", "--output-device"]) {
        // What the person says holds; the framework tells what can't be opened.
        app::begin(told(&arguments));
        return code(nice_export_standalone_with_args::<DeepDrummer, _>(arguments));
    }
    let mut wish = None;
    loop {
        let order = match wish.take() {
            Some(device) => vec![device, Device::Default, Device::Nothing],
            None => vec![Device::Jack, Device::Default, Device::Nothing],
        };
        let mut went_well = false;
        for device in order {
            app::begin(audio(device.clone()));
            let more = options(&device);
            went_well =
                nice_export_standalone_with_args::<DeepDrummer, _>(arguments.iter().cloned().chain(more));
            if app::opened() {
                break;
            }
        }
        wish = app::take_choice();
        if wish.is_none() {
            return code(went_well);
        }
    }
}

fn code(went_well: bool) -> ExitCode {
    if went_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The framework's options for a device.
fn options(device: &Device) -> Vec<String> {
    let words: &[&str] = match device {
        Device::Jack => &["--backend", "jack"],
        Device::Default => &["--backend", CARDS],
        Device::Named(name) => &["--backend", CARDS, "--output-device", name],
        Device::Nothing => &["--backend", "dummy"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The device that is named on the command line, as far as it is.
fn told(arguments: &[String]) -> Audio {
    let value = |names: [&str; 2]| {
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            for name in names {
                if argument == name {
                    return rest.next().cloned();
                }
                if let Some(value) = argument.strip_prefix(&format!("{name}=")) {
                    return Some(value.to_owned());
                }
            }
        }
        None
    };
    let named = value(["--output-device", "--output-device"]);
    audio(match (value(["--backend", "-b"]).as_deref(), named) {
        (Some("jack"), _) => Device::Jack,
        (Some("dummy"), _) => Device::Nothing,
        (_, Some(name)) => Device::Named(name),
        _ => Device::Default,
    })
}

/// A device with its name, and those that can be chosen instead.
fn audio(device: Device) -> Audio {
    let cards = names();
    let system =
        cards.default.map_or_else(|| "System default".to_owned(), |name| format!("System default ({name})"));
    let mut choices = vec![(Device::Default, system.clone())];
    if cfg!(target_os = "linux") {
        choices.push((Device::Jack, "JACK".to_owned()));
    }
    choices.extend(cards.all.into_iter().map(|name| (Device::Named(name.clone()), name)));
    let name = match &device {
        Device::Jack => "JACK".to_owned(),
        Device::Default => system,
        Device::Named(name) => name.clone(),
        Device::Nothing => "no audio device".to_owned(),
    };
    Audio { device, name, choices }
}

struct Names {
    default: Option<String>,
    all: Vec<String>,
}

/// The sound cards by the names that the framework knows them by.
fn names() -> Names {
    let host = cpal::default_host();
    let name = |device: &cpal::Device| device.description().ok().map(|device| device.name().to_owned());
    let default = host.default_output_device().as_ref().and_then(name);
    let mut all: Vec<String> = Vec::new();
    for name in host.output_devices().into_iter().flatten().filter_map(|device| name(&device)) {
        if !all.contains(&name) && all.len() < MOST_DEVICES {
            all.push(name);
        }
    }
    Names { default, all }
}

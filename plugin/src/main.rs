//! The standalone app: the plugin with a sound card or JACK.

use deepdrummer_plugin::DeepDrummer;
use nice_plug::prelude::nice_export_standalone;

fn main() {
    nice_export_standalone::<DeepDrummer>();
}

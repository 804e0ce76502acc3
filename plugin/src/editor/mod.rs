//! pending
use crate::params::DrumParams;
use deepdrummer_core::runtime::Handle;
use std::sync::Arc;
/// The editor.
pub type PluginEditor = ();
/// pending
pub fn plugin_editor(_p: Arc<DrumParams>, _h: Handle) -> Option<PluginEditor> {
    None
}

//! The least plugin of the same framework: silence in stereo, no window, no parameter. What a host spends on
//! it is what the framework costs; `cargo xtask start` measures the plugin beyond it.

use nice_plug::prelude::*;
use std::sync::Arc;

#[derive(Default)]
struct Minimal {
    params: Arc<NoParams>,
}

#[derive(Default, Params)]
struct NoParams {}

impl Plugin for Minimal {
    const NAME: &'static str = "Minimal";
    const VENDOR: &'static str = "DeepDrummer";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] = &[AudioIOLayout {
        main_input_channels: None,
        main_output_channels: Some(new_nonzero_u32(2)),
        ..AudioIOLayout::const_default()
    }];

    type Editor = ();
    type SysExMessage = ();
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.params) as _
    }

    fn process(
        &mut self,
        _buffer: &mut Buffer<'_>,
        _aux: &mut AuxiliaryBuffers<'_>,
        _context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        ProcessStatus::Normal
    }
}

impl Vst3Plugin for Minimal {
    const VST3_CLASS_ID: [u8; 16] = *b"DeepDrummerLeast";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Stereo];
}

nice_export_vst3!(Minimal);

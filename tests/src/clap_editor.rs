//! The plugin's window inside a window of the in-process CLAP host.

pub use clack_extensions::gui::GuiSize;
use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiError, PluginGui, Window};

use crate::clap_host::Plugin;

impl Plugin {
    /// Opens the editor inside an X11 window. Returns its size.
    ///
    /// # Errors
    /// What the plugin said if it did not open.
    #[cfg(target_os = "linux")]
    pub fn open_editor(&mut self, parent: u64) -> Result<GuiSize, GuiError> {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        let configuration = GuiConfiguration { api_type: GuiApiType::X11, is_floating: false };
        gui.create(&handle, configuration)?;
        let size = gui.get_size(&handle).unwrap_or(GuiSize { width: 0, height: 0 });
        // SAFETY: the test keeps the window open until it has closed the editor.
        #[expect(unsafe_code, reason = "the parent window must outlive the editor")]
        unsafe {
            gui.set_parent(&handle, Window::from_x11_handle(parent))?;
        }
        // Hosts that embed may skip this; nice-plug does not need it.
        let _ = gui.show(&handle);
        Ok(size)
    }

    /// Opens the editor inside a window of Windows. Returns its size.
    ///
    /// # Errors
    /// What the plugin said if it did not open.
    #[cfg(target_os = "windows")]
    pub fn open_editor_in(&mut self, parent: *mut std::ffi::c_void) -> Result<GuiSize, GuiError> {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        gui.create(&handle, GuiConfiguration { api_type: GuiApiType::WIN32, is_floating: false })?;
        let size = gui.get_size(&handle).unwrap_or(GuiSize { width: 0, height: 0 });
        // SAFETY: the test keeps the window open until it has closed the editor, or closes it to see what comes.
        #[expect(unsafe_code, reason = "the parent window must outlive the editor")]
        unsafe {
            gui.set_parent(&handle, Window::from_win32_hwnd(parent))?;
        }
        let _ = gui.show(&handle);
        Ok(size)
    }

    /// The open editor's size.
    #[must_use]
    pub fn editor_size(&mut self) -> Option<GuiSize> {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        gui.get_size(&handle)
    }

    /// Gives the open editor another size, as a host does whose window was resized.
    ///
    /// # Errors
    /// What the plugin said if it did not take it.
    pub fn resize_editor(&mut self, size: GuiSize) -> Result<(), GuiError> {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        gui.set_size(&handle, size)
    }

    /// Tells the open editor how many pixels the host counts as one.
    ///
    /// # Errors
    /// What the plugin said if it keeps a scale of its own.
    pub fn scale_editor(&mut self, scale: f64) -> Result<(), GuiError> {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        gui.set_scale(&handle, scale)
    }

    /// The nearest size that the open editor would take.
    #[must_use]
    pub fn adjust_editor(&mut self, size: GuiSize) -> Option<GuiSize> {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        gui.adjust_size(&handle, size)
    }

    /// Shows the open editor.
    ///
    /// # Errors
    /// What the plugin said if it can't be shown.
    pub fn show_editor(&mut self) -> Result<(), GuiError> {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        gui.show(&handle)
    }

    /// Opens the editor and gives it a parent of another window system.
    ///
    /// # Errors
    /// What the plugin said if it did not take it.
    pub fn parent_of_another_system(&mut self) -> Result<(), GuiError> {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        gui.create(&handle, GuiConfiguration { api_type: GuiApiType::X11, is_floating: false })?;
        // SAFETY: the plugin refuses it without looking at it.
        #[expect(unsafe_code, reason = "the parent window must outlive the editor")]
        unsafe {
            gui.set_parent(&handle, Window::from_win32_hwnd(std::ptr::without_provenance_mut(0x1234)))
        }
    }

    /// Closes the editor.
    pub fn close_editor(&mut self) {
        let handle = self.handle();
        let gui: PluginGui = handle.get_extension().expect("the plugin has an editor");
        gui.destroy(&handle);
        self.idle();
    }
}

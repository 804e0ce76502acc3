//! Draws egui's triangles with OpenGL.
//!
//! Window thread; every call needs the window's own context, which is current only within it.
#![expect(unsafe_code, reason = "OpenGL contexts and function loading are unsafe by nature")]

use baseview::WindowContext;
use egui_glow::Painter;
use std::sync::Arc;

/// Why nothing can be drawn.
#[derive(Debug, thiserror::Error)]
pub(super) enum RenderError {
    /// The window has no OpenGL context.
    #[error("the window has no OpenGL context")]
    NoContext,
    /// The shaders could not be made.
    #[error("OpenGL could not be prepared: {0}")]
    Painter(String),
    /// The window system refused.
    #[error("OpenGL failed: {0}")]
    Window(#[from] baseview::Error),
}

/// The painter of one window.
pub(super) struct Renderer {
    window: WindowContext,
    painter: Painter,
}

impl Renderer {
    /// Prepares shaders and buffers.
    ///
    /// # Errors
    /// There is no usable OpenGL.
    pub(super) fn new(window: WindowContext) -> Result<Self, RenderError> {
        let context = window.gl_context().ok_or(RenderError::NoContext)?;
        // SAFETY: the context belongs to this window and is used on this thread only.
        unsafe { context.make_current()? };
        // SAFETY: the context is current, and its loader returns its own functions or null.
        let gl = unsafe {
            egui_glow::glow::Context::from_loader_function_cstr(|name| context.get_proc_address(name))
        };
        let painter = Painter::new(Arc::new(gl), "", None, true)
            .map_err(|error| RenderError::Painter(error.to_string()))?;
        // SAFETY: as above.
        unsafe { context.make_not_current()? };
        Ok(Self { window, painter })
    }

    /// The largest texture.
    #[must_use]
    pub(super) fn max_texture_side(&self) -> usize {
        self.painter.max_texture_side()
    }

    /// Draws one frame and shows it.
    ///
    /// # Errors
    /// The context was lost.
    pub(super) fn draw(
        &mut self,
        size: [u32; 2],
        pixels_per_point: f32,
        primitives: &[egui::ClippedPrimitive],
        textures: &mut egui::TexturesDelta,
    ) -> Result<(), RenderError> {
        let context = self.window.gl_context().ok_or(RenderError::NoContext)?;
        // SAFETY: the context belongs to this window and is used on this thread only.
        unsafe { context.make_current()? };
        let ground = egui::Rgba::from(crate::editor::theme::GROUND).to_array();
        self.painter.clear(size, ground);
        self.painter.paint_and_update_textures(size, pixels_per_point, primitives, textures);
        context.swap_buffers()?;
        // SAFETY: as above.
        unsafe { context.make_not_current()? };
        Ok(())
    }
}

impl Drop for Renderer {
    fn drop(&mut self) {
        let Some(context) = self.window.gl_context() else { return };
        // SAFETY: the context belongs to this window and is used on this thread only.
        if unsafe { context.make_current() }.is_ok() {
            self.painter.destroy();
            // SAFETY: as above.
            let _ = unsafe { context.make_not_current() };
        }
    }
}

//! wip
use super::{Drag, DragError, DragSource};
use std::path::PathBuf;
/// wip
#[derive(Default)]
pub struct Source;
impl DragSource for Source {
    fn start(&mut self, _files: &[PathBuf]) -> Result<Box<dyn Drag>, DragError> { Err(DragError::Unsupported) }
}

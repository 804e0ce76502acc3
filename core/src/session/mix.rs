//! How the session's loops sound beside what they are: the bus, levels, and the lanes' shaping.

use super::command::{BusSettings, LaneShape};
use super::controls::SoundControls;
use super::undo::Change;
use super::{Effect, Session};
use crate::engine::Trim;
use crate::pattern::MAX_LANES;
use crate::taste::LoopId;

impl Session {
    /// The drum bus.
    #[must_use]
    pub fn bus(&self) -> &BusSettings {
        &self.bus
    }

    /// Whether loops come at one loudness, and lanes at the level and place of their role.
    #[must_use]
    pub(crate) fn is_levelled(&self) -> bool {
        self.levelled
    }

    /// What the host's parameters hold of the sound.
    #[must_use]
    pub fn sound(&self) -> SoundControls {
        let mut shapes = [LaneShape::NEW; MAX_LANES];
        for (shape, lane) in shapes.iter_mut().zip(&self.lanes) {
            *shape = lane.shape;
        }
        SoundControls { bus: self.bus, levelled: self.levelled, human: self.human, shapes }
    }

    pub(super) fn set_bus(&mut self, bus: BusSettings) -> Vec<Effect> {
        let bus = bus.sanitized();
        let before = std::mem::replace(&mut self.bus, bus);
        if before == bus {
            return Vec::new();
        }
        self.undo.push_bus(before, bus);
        vec![Effect::Mix]
    }

    pub(super) fn set_levelled(&mut self, on: bool) -> Vec<Effect> {
        if self.levelled == on {
            return Vec::new();
        }
        self.levelled = on;
        let label = if on { "Level loops" } else { "Leave levels as they are" };
        self.undo.push(label, vec![Change::Levelled { after: on }]);
        vec![Effect::Refresh]
    }

    pub(super) fn set_shape(&mut self, lane: usize, shape: LaneShape) -> Vec<Effect> {
        let before = self.lanes.clone();
        let Some(doc) = self.lanes.get_mut(lane) else { return Vec::new() };
        doc.shape = shape.sanitized();
        if before == self.lanes {
            return Vec::new();
        }
        self.undo.push_lanes(&format!("Shape lane {}", lane + 1), before, self.lanes.clone());
        vec![Effect::Refresh]
    }

    /// Remembers by how much a loop is brought to the loudness of all. It stays, whatever is
    /// changed of the loop, so that a loop that one edits does not turn down what one adds.
    pub(crate) fn set_trim(&mut self, id: LoopId, trim: Trim) {
        if let Some(entry) = self.entry_mut(id)
            && entry.trim.is_none()
        {
            entry.trim = Some(trim);
            self.touch();
        }
    }
}

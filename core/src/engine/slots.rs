//! Where boxes of plans live from their arrival to their way home.
//!
//! Audio thread. A box is moved in and out, never made and never freed here.

use super::plan::PartLane;
use super::{PLAN_SLOTS, Plan, PreparedSound};

/// Names a place in [`Slots`].
pub(super) type SlotIndex = u8;

#[derive(Debug, Default)]
struct Slot {
    plan: Option<Box<Plan>>,
    /// Voices that read this plan's sounds.
    voices: u16,
}

/// All plans the engine holds. A plan may leave when it is neither current nor pending and no voice
/// reads its sounds.
#[derive(Debug)]
pub(super) struct Slots {
    slots: [Slot; PLAN_SLOTS],
    pub current: Option<SlotIndex>,
    pub pending: Option<SlotIndex>,
}

impl Slots {
    pub(super) fn new() -> Self {
        Self { slots: std::array::from_fn(|_| Slot::default()), current: None, pending: None }
    }

    /// Puts a plan into a free place, or gives it back.
    pub(super) fn store(&mut self, plan: Box<Plan>) -> Result<SlotIndex, Box<Plan>> {
        match self.slots.iter_mut().enumerate().find(|(_, slot)| slot.plan.is_none()) {
            Some((index, slot)) => {
                slot.plan = Some(plan);
                Ok(index as SlotIndex)
            }
            None => Err(plan),
        }
    }

    pub(super) fn plan(&self, index: SlotIndex) -> Option<&Plan> {
        self.slots.get(usize::from(index))?.plan.as_deref()
    }

    pub(crate) fn current_plan(&self) -> Option<&Plan> {
        self.plan(self.current?)
    }

    pub(crate) fn pending_plan(&self) -> Option<&Plan> {
        self.plan(self.pending?)
    }

    pub(super) fn sound(&self, index: SlotIndex, of: PartLane) -> Option<&PreparedSound> {
        self.plan(index)?.sound(of).map(|sound| &**sound)
    }

    /// A voice reads this plan from now on.
    pub(super) fn hold(&mut self, index: SlotIndex) {
        if let Some(slot) = self.slots.get_mut(usize::from(index)) {
            slot.voices += 1;
        }
    }

    /// A voice no longer reads this plan.
    pub(super) fn release(&mut self, index: SlotIndex) {
        if let Some(slot) = self.slots.get_mut(usize::from(index)) {
            slot.voices = slot.voices.saturating_sub(1);
        }
    }

    /// Places that are taken.
    pub(super) fn taken(&self) -> usize {
        self.slots.iter().filter(|slot| slot.plan.is_some()).count()
    }

    /// A plan that may leave.
    pub(super) fn take_retired(&mut self) -> Option<Box<Plan>> {
        let (current, pending) = (self.current.map(usize::from), self.pending.map(usize::from));
        self.slots
            .iter_mut()
            .enumerate()
            .find(|(index, slot)| {
                slot.plan.is_some() && slot.voices == 0 && Some(*index) != current && Some(*index) != pending
            })
            .and_then(|(_, slot)| slot.plan.take())
    }
}

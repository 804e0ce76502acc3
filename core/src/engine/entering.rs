//! What enters, and where: a plan that is pending, or a section of the one that plays.
//!
//! Audio thread.

use super::Engine;
use super::clock::{Arrival, Span};
use super::notes::{Fact, Sink};
use super::plan::{Enter, Plan};
use super::sequence::{Chosen, HostBars, Playing, SAME_PLACE_BEATS};

impl Engine {
    /// Holds a section from the boundary on that the plan says, from 1; 0 plays what the plan plays. One that the
    /// plan does not have is none. The mixer's settings say the same whenever they change. Call it between blocks.
    pub fn choose_section(&mut self, section: u8) {
        self.wanted_section = section;
    }

    /// Whether what plays has such a section.
    #[must_use]
    pub fn has_section(&self, section: u8) -> bool {
        let sections = self.slots.current_plan().map_or(0, |plan| plan.order().sections());
        (1..=sections).contains(&usize::from(section))
    }

    /// The section that is held from the next boundary on, or already; 0 for none.
    #[must_use]
    pub fn chosen_section(&self) -> u8 {
        self.wanted_section
    }

    /// What plays.
    pub(super) fn current(&self) -> Option<Chosen> {
        self.slots.current.map(|slot| Chosen { slot, section: self.section })
    }

    /// The section that is wanted, where the plan has it.
    fn wanted(&self, plan: &Plan) -> u8 {
        if usize::from(self.wanted_section) <= plan.order().sections() { self.wanted_section } else { 0 }
    }

    /// What is pending, a plan or a section of the one that plays, and where it enters; at or before the span's
    /// start where it enters at once.
    pub(super) fn next_entry(&self, span: &Span, host: &HostBars, offline: bool) -> Option<(Chosen, f64)> {
        let may_enter = !offline || self.enters_offline || self.slots.current.is_none();
        let pending = self.slots.pending.filter(|_| may_enter);
        let current = self.current().and_then(|current| Playing::of(&self.slots, current));
        let (chosen, enter) = match (pending, current) {
            (Some(slot), _) => {
                let plan = self.slots.plan(slot)?;
                (Chosen { slot, section: self.wanted(plan) }, plan.enter)
            }
            (None, Some(current)) => {
                let section = self.wanted(current.plan);
                if section == self.section {
                    return None;
                }
                // After a jump what sounds is what the song's position says.
                let enter = if span.arrival == Arrival::Jumped { Enter::Now } else { current.plan.switch() };
                (Chosen { slot: self.slots.current?, section }, enter)
            }
            (None, None) => return None,
        };
        let Some(current) = current else { return Some((chosen, span.after)) };
        let entry = host.next_entry(enter, &current, span.after);
        // A region that has no such boundary would hold the loop back for ever: its start is one.
        let beyond = span.region_end.is_some_and(|end| entry >= end - SAME_PLACE_BEATS);
        Some((chosen, if beyond && span.arrival == Arrival::Wrapped { span.after } else { entry }))
    }

    /// What was pending is what plays from this frame on.
    pub(super) fn enter(&mut self, pending: Chosen, frame: usize, offline: bool, sink: &mut impl Sink) {
        if self.slots.pending == Some(pending.slot) {
            self.enter_pending(frame, offline, sink);
        } else {
            self.notes.end(frame, |_, _| true, sink);
        }
        self.section = pending.section;
    }

    /// The pending plan, if there is one, is what plays from this frame on.
    pub(super) fn enter_pending(&mut self, frame: usize, offline: bool, sink: &mut impl Sink) {
        let Some(slot) = self.slots.pending.take() else { return };
        self.enters_offline = false;
        let before = self.slots.current.replace(slot);
        self.notes.end(frame, |_, _| true, sink);
        let Some(plan) = self.slots.plan(slot) else { return };
        let (id, serial, enter) = (plan.id, plan.serial, plan.enter);
        if enter == Enter::Now && before.is_some() && self.ran.is_some() {
            self.voices.fade_slots(|of| of != slot);
        }
        self.voices.move_to(&mut self.slots, slot);
        self.take_next_lanes();
        self.aim_levels();
        self.bars_heard = 0;
        sink.fact(Fact::LoopEntered { id, serial, frame: frame as u32, offline });
    }
}

//! The loop that sounds while the next one waits to enter.
//!
//! Editor thread. The session's current loop is the next one as soon as it was chosen; what is heard is the
//! one before, up to the next bar or longer. The window shows what is heard.

use super::handle::Meters;
use deepdrummer_core::session::view::View;
use deepdrummer_core::taste::LoopId;
use std::sync::Arc;

/// See the module's documentation.
#[derive(Default)]
pub(super) struct Sounding {
    /// The newest snapshot in which the loop that sounds was the current one.
    before: Option<Arc<View>>,
    /// What was put together last: revision of the snapshot, the loop, the picture.
    shown: Option<(u64, LoopId, Arc<View>)>,
}

fn heard(meters: Option<Meters>) -> Option<LoopId> {
    meters.filter(|meters| meters.playing)?.audible
}

impl Sounding {
    /// The snapshot before a change of the current loop, where that loop goes on sounding.
    pub(super) fn remember(&mut self, before: &Arc<View>, meters: Option<Meters>) {
        if heard(meters) == Some(before.current.id) {
            self.before = Some(Arc::clone(before));
        }
    }

    /// What is to be drawn: the snapshot, with the loop that is heard as its current one where the person
    /// does not look ahead.
    pub(super) fn shown(
        &mut self,
        view: &Arc<View>,
        meters: Option<Meters>,
        ahead: Option<LoopId>,
    ) -> Arc<View> {
        let heard = heard(meters).filter(|id| *id != view.current.id);
        let Some(heard) = heard.filter(|_| ahead != Some(view.current.id)) else {
            if heard.is_none() {
                *self = Self::default();
            }
            return Arc::clone(view);
        };
        if let Some((revision, id, shown)) = &self.shown
            && (*revision, *id) == (view.revision, heard)
        {
            return Arc::clone(shown);
        }
        let before = self.before.as_deref().filter(|before| before.current.id == heard);
        let shown = with_current(view, heard, before).map_or_else(|| Arc::clone(view), Arc::new);
        self.shown = Some((view.revision, heard, Arc::clone(&shown)));
        shown
    }
}

/// The snapshot with another loop of its history as the current one, as far as that is known.
fn with_current(view: &View, id: LoopId, before: Option<&View>) -> Option<View> {
    let entry = view.history.iter().find(|entry| entry.id == id)?;
    let mut shown = view.clone();
    match before {
        Some(before) => {
            shown.current = before.current.clone();
            shown.lanes.clone_from(&before.lanes);
            // What belongs to the lanes and not to the loop is as it is now.
            if before.lanes.len() == view.lanes.len() {
                for (lane, now) in shown.lanes.iter_mut().zip(&view.lanes).filter(|(a, b)| a.role == b.role) {
                    (lane.mix, lane.locked_steps) = (now.mix, now.locked_steps);
                    (lane.lock_beat, lane.lock_sound) = (now.lock_beat, now.lock_sound);
                }
            }
        }
        // The window was opened meanwhile.
        None if entry.pattern.lanes().len() == view.lanes.len() => {
            shown.current.id = id;
            shown.current.number = entry.number;
            shown.current.edited = false;
            (shown.current.rhythm_verdict, shown.current.sound_verdict) = (None, None);
            (shown.current.prediction, shown.current.attribution) = (None, None);
        }
        None => return None,
    }
    // A change is proposed of the current loop only.
    shown.current.lift = None;
    shown.current.pattern = *entry.pattern;
    shown.current.verdict = entry.verdict;
    for entry in &mut shown.history {
        entry.is_current = entry.id == id;
    }
    Some(shown)
}

//! The song made ready for the engine and for exports: the sounds and levels of each section, and what sounds in which
//! bar.
//!
//! Worker thread.

use super::prepare::{Prepared, Sounds, levels};
use crate::engine::{Levels, SongPart, SongParts};
use crate::pattern::{Loop, LoopId};
use crate::session::Session;
use crate::song::Order;
use crate::units::{Bpm, SampleRate};

/// At what levels a loop is played. Sections that share their sounds share the levels of the first of them, so that
/// a break is softer than what it breaks, and a section sounds the same alone and in the arrangement.
#[must_use]
pub fn levels_in_song(
    session: &mut Session,
    prepared: &mut Prepared,
    id: Option<LoopId>,
    (pattern, sounds): (&Loop, &Sounds),
    at: (SampleRate, Bpm),
) -> Levels {
    let of = id.and_then(|id| session.levels_come_from(id)).filter(|of| Some(*of) != id);
    match of.and_then(|of| Some((of, session.find(of)?.pattern))) {
        Some((of, pattern)) => {
            let (sounds, _) = prepared.sounds(session, &pattern, at.0);
            levels(session, Some(of), &pattern, &sounds, at)
        }
        None => levels(session, id, pattern, sounds, at),
    }
}

/// The sections and what sounds in which bar, `order` of them all.
#[must_use]
pub fn song_parts(
    session: &mut Session,
    prepared: &mut Prepared,
    order: Order,
    at: (SampleRate, Bpm),
) -> SongParts {
    let ids: Vec<LoopId> = session.song().parts().into_iter().map(|entry| entry.id).collect();
    let loops: Vec<(LoopId, Loop)> =
        ids.into_iter().filter_map(|id| Some((id, session.played(id)?))).collect();
    let mut parts: Vec<SongPart> = Vec::with_capacity(loops.len());
    let mut known: Vec<(Option<LoopId>, Levels)> = Vec::new();
    for (id, pattern) in loops {
        let (sounds, _) = prepared.sounds(session, &pattern, at.0);
        let shared = session.levels_come_from(id);
        let levels = match known.iter().find(|(of, _)| shared.is_some() && *of == shared) {
            Some((_, levels)) => *levels,
            None => levels_in_song(session, prepared, Some(id), (&pattern, &sounds), at),
        };
        known.push((shared, levels));
        parts.push(SongPart { id, pattern, sounds, levels });
    }
    SongParts { parts, order, switch: session.enter() }
}

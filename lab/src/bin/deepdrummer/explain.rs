//! `{"do":"explain"}`: why a loop is thought to be liked, as the session protocol tells it.

use crate::headless::Headless;
use deepdrummer_core::taste::LoopId;
use serde::Serialize;

#[derive(Serialize)]
struct MarkLine {
    lane: usize,
    step: usize,
    points: f32,
}

#[derive(Serialize)]
struct SoundLine {
    lane: usize,
    points: f32,
}

#[derive(Serialize)]
struct StatementLine {
    text: String,
    liked: usize,
    of: usize,
    loops: Vec<String>,
}

#[derive(Serialize)]
struct LiftLine {
    text: String,
    gain: f32,
}

/// The answer.
#[derive(Serialize)]
pub(crate) struct ExplainedLine {
    baseline: f32,
    p_like: f32,
    marks: Vec<MarkLine>,
    sounds: Vec<SoundLine>,
    statements: Vec<StatementLine>,
    lift: Vec<LiftLine>,
    rhythm_share: Option<f32>,
}

/// Explains a loop of the session.
pub(crate) fn explain(headless: &mut Headless, id: LoopId) -> Result<ExplainedLine, String> {
    let (explained, pattern) = headless.explain(id)?;
    let attribution = &explained.attribution;
    let (mut marks, mut sounds) = (Vec::new(), Vec::new());
    // Before any judgement there is nothing that marks could rest on.
    if explained.has_marks {
        for (lane, hits) in pattern.lanes().iter().enumerate() {
            for (step, _) in hits.iter() {
                marks.push(MarkLine { lane, step, points: attribution.hits[lane][step].points });
            }
            sounds.push(SoundLine { lane, points: attribution.sounds[lane].points });
        }
    }
    let statements = explained
        .statements
        .iter()
        .map(|statement| StatementLine {
            text: statement.text.clone(),
            liked: statement.liked,
            of: statement.of,
            loops: headless.loops_of(statement).iter().map(ToString::to_string).collect(),
        })
        .collect();
    Ok(ExplainedLine {
        baseline: attribution.baseline,
        p_like: attribution.p_like,
        marks,
        sounds,
        statements,
        lift: explained.lift.into_iter().map(|lift| LiftLine { text: lift.text, gain: lift.gain }).collect(),
        rhythm_share: explained.rhythm.map(|rhythm| rhythm.share),
    })
}

use super::data::{Split, performances};
use super::forest::{area_under_roc, told_apart};
use super::nets::{FEEL_LANE, Net, RHYTHM_LANE, ROLES};
use super::train::{Options, train};
use burn::tensor::Device;
use deepdrummer_core::critic::nn::{tensor, values};
use deepdrummer_core::groove::{CELLS, CONDITIONS, FeelBar, Nets, Part, RhythmBar, Said, Sway};
use deepdrummer_core::pattern::{MAX_LANES, Role};
use deepdrummer_core::rng::Rng;
use deepdrummer_core::units::Seed;
use midly::num::{u4, u7, u15, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};
use std::path::Path;

/// What is trained is what is inferred: the same numbers from burn and from the product's own products.
#[test]
fn inference_computes_what_training_does() {
    let device = Device::flex();
    let mut rng = Rng::new(Seed(3));
    let (rhythm, feel) = (Net::rhythm(&mut rng, &device), Net::feel(&mut rng, &device));
    let nets = Nets::of(&[rhythm.named("rhythm"), feel.named("feel")].concat()).unwrap();
    let roles = [Role::Kick, Role::Snare, Role::Tom, Role::ClosedHat, Role::Fx];
    let condition = Said { bpm: Some(140.0), ..Said::default() }.condition(false);
    let mut hits = [0u16; MAX_LANES];
    hits.iter_mut().for_each(|hits| *hits = (rng.bits() & rng.bits()) as u16);
    let mut known = [0u16; MAX_LANES];
    known.iter_mut().for_each(|known| *known = rng.bits() as u16);

    let mut bar = RhythmBar::new(&nets.rhythm, &roles, u16::MAX, false, &condition);
    let mut inputs = vec![0.0f32; ROLES * RHYTHM_LANE + ROLES + CONDITIONS];
    let mut own = vec![0.0f32; ROLES * RHYTHM_LANE];
    for (lane, role) in roles.iter().enumerate() {
        bar.show(lane, known[lane], hits[lane]);
        bar.hide(lane, !known[lane]);
        inputs[ROLES * RHYTHM_LANE + role.index()] = 1.0;
        for cell in 0..CELLS {
            let is_known = known[lane] >> cell & 1 == 1;
            let input = role.index() * RHYTHM_LANE + if is_known { cell } else { CELLS + cell };
            let value = if is_known { f32::from(hits[lane] >> cell & 1) } else { 1.0 };
            (inputs[input], own[input]) = (value, value);
        }
    }
    inputs[ROLES * RHYTHM_LANE + ROLES..].copy_from_slice(&condition);
    let wide = inputs.len();
    let out = rhythm.forward(
        tensor(inputs, [1, wide], &device),
        tensor(own, [ROLES, 1, RHYTHM_LANE], &device),
        None,
    );
    let out = values(out);
    let mut odds = [[0.0; CELLS]; MAX_LANES];
    bar.log_odds(&mut odds);
    for (lane, role) in roles.iter().enumerate() {
        for cell in 0..CELLS {
            let expected = out[role.index() * CELLS + cell];
            assert!((odds[lane][cell] - expected).abs() < 1e-4, "{} {expected}", odds[lane][cell]);
        }
    }

    let mut bar = FeelBar::new(&nets.feel, &roles, &hits, &condition);
    let mut feel_of = [[Sway::default(); CELLS]; MAX_LANES];
    for (lane, cells) in feel_of.iter_mut().enumerate().take(roles.len()) {
        for (cell, sway) in cells.iter_mut().enumerate() {
            *sway = Sway { velocity: rng.normal(), offset: rng.normal() };
            if known[lane] >> cell & 1 == 1 {
                bar.show(lane, cell, *sway);
            }
        }
    }
    let (inputs, own) = feel_inputs(&roles, &hits, &known, &feel_of, &condition);
    let wide = inputs.len();
    let out =
        feel.forward(tensor(inputs, [1, wide], &device), tensor(own, [ROLES, 1, FEEL_LANE], &device), None);
    let out = values(out);
    for (lane, role) in roles.iter().enumerate() {
        for cell in (0..CELLS).filter(|cell| hits[lane] >> cell & 1 == 1) {
            let belief = bar.belief(lane, cell);
            let at = |channel: usize| out[role.index() * 4 * CELLS + channel * CELLS + cell];
            let spread = |channel: usize| at(channel).clamp(-2.5, 1.5).exp();
            let pairs = [
                (belief.mean.velocity, at(0)),
                (belief.mean.offset, at(1)),
                (belief.spread.velocity, spread(2)),
                (belief.spread.offset, spread(3)),
            ];
            assert!(pairs.iter().all(|(a, b)| (a - b).abs() < 1e-4), "{pairs:?}");
        }
    }
}

/// The feel net's inputs, written out from its definition.
fn feel_inputs(
    roles: &[Role],
    hits: &[u16; MAX_LANES],
    known: &[u16; MAX_LANES],
    feel: &[[Sway; CELLS]; MAX_LANES],
    condition: &[f32; CONDITIONS],
) -> (Vec<f32>, Vec<f32>) {
    let mut lanes = vec![0.0f32; ROLES * FEEL_LANE];
    for role in 0..ROLES {
        lanes[role * FEEL_LANE + FEEL_LANE - 2..][..2].fill(0.01);
    }
    let (mut all, mut sums, mut squares) = (0.5f32, [0.0f32; 2], [0.0f32; 2]);
    for (lane, role) in roles.iter().enumerate() {
        let to = &mut lanes[role.index() * FEEL_LANE..][..FEEL_LANE];
        let of = |cell: &usize| known[lane] >> cell & 1 == 1 && hits[lane] >> cell & 1 == 1;
        for cell in (0..CELLS).filter(|cell| hits[lane] >> cell & 1 == 1) {
            to[cell] = 1.0;
            if of(&cell) {
                to[2 * CELLS + cell] = feel[lane][cell].velocity;
                to[3 * CELLS + cell] = feel[lane][cell].offset;
            } else {
                to[CELLS + cell] = 1.0;
            }
        }
        let mine: Vec<[f32; 2]> =
            (0..CELLS).filter(of).map(|c| [feel[lane][c].velocity, feel[lane][c].offset]).collect();
        let n = mine.len() as f32;
        to[4 * CELLS] = n / 8.0;
        all += n;
        for channel in 0..2 {
            let sum: f32 = mine.iter().map(|of| of[channel]).sum();
            let mean = sum / (n + 0.5);
            let square: f32 = mine.iter().map(|of| (of[channel] - mean).powi(2)).sum();
            to[4 * CELLS + 1 + channel] = mean;
            to[4 * CELLS + 3 + channel] = (square / (n + 0.5) + 1e-4).sqrt();
            sums[channel] += sum;
            squares[channel] += square;
        }
    }
    let mut inputs = lanes.clone();
    let mut plain = *condition;
    plain[17..27].fill(0.0);
    inputs.extend(plain);
    inputs.extend(sums.map(|sum| sum / all));
    inputs.extend(squares.map(|square| (square / all + 1e-4).sqrt()));
    (inputs, lanes)
}

#[test]
fn a_forest_tells_apart_what_differs_and_nothing_else() {
    let mut rng = Rng::new(Seed(5));
    let mut set = |shift: f32| -> Vec<(u64, Vec<f32>)> {
        (0..120u64).map(|piece| (piece, (0..6).map(|_| rng.normal() + shift).collect())).collect()
    };
    let (one, same, other) = (set(0.0), set(0.0), set(1.0));
    let mut rng = Rng::new(Seed(6));
    let alike = told_apart(&one, &same, 5, &mut rng);
    assert!((0.36..0.64).contains(&alike), "{alike}");
    assert!(told_apart(&one, &other, 5, &mut rng) > 0.9);
    assert_eq!(area_under_roc(&[0.0, 1.0], &[1.0, 2.0]), 0.875);
}

/// Rows of one piece that are all alike would give it away if they were on both sides.
#[test]
fn pieces_are_never_on_both_sides() {
    let mut rng = Rng::new(Seed(7));
    let mut set = || -> Vec<(u64, Vec<f32>)> {
        let pieces: Vec<Vec<f32>> = (0..24).map(|_| (0..8).map(|_| rng.normal()).collect()).collect();
        (0..192u64).map(|at| (at % 24, pieces[at as usize % 24].clone())).collect()
    };
    let (one, same) = (set(), set());
    let alike = told_apart(&one, &same, 5, &mut Rng::new(Seed(8)));
    assert!(alike < 0.75, "{alike}");
}

/// A performance of straight eighths: kick, snare, hats, with the second bar a little late.
fn performance() -> Vec<u8> {
    let mut notes: Vec<(u32, u8, u8)> = Vec::new();
    for bar in 0..4u32 {
        for eighth in 0..8 {
            let at = bar * 1920 + eighth * 240 + if bar == 1 { 12 } else { 0 };
            notes.push((at, 42, 60 + 5 * (eighth as u8 % 2)));
            match eighth {
                0 | 5 => notes.push((at, 36, 100)),
                2 | 6 => notes.push((at, 38, 127)),
                _ => {}
            }
        }
    }
    notes.sort_unstable();
    let mut track = Vec::new();
    let mut before = 0;
    for (at, key, velocity) in notes {
        let message = MidiMessage::NoteOn { key: u7::from(key), vel: u7::from(velocity) };
        let kind = TrackEventKind::Midi { channel: u4::from(9), message };
        track.push(TrackEvent { delta: u28::from(at - before), kind });
        before = at;
    }
    track.push(TrackEvent { delta: u28::from(0), kind: TrackEventKind::Meta(MetaMessage::EndOfTrack) });
    let timing = Timing::Metrical(u15::from(480));
    let mut bytes = Vec::new();
    Smf { header: Header::new(Format::SingleTrack, timing), tracks: vec![track] }
        .write_std(&mut bytes)
        .unwrap();
    bytes
}

fn folder(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let head = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,duration,split\n";
    let row = |split: &str| format!("d,s,i,rock/folk,100,beat,4-4,{name},1.0,{split}\n");
    let index = format!("{head}{}{}", row("train"), row("validation"));
    std::fs::write(folder.path().join("info.csv"), index).unwrap();
    std::fs::write(folder.path().join("one.mid"), performance()).unwrap();
    folder
}

#[test]
fn performances_become_bars_of_cells_with_velocity_and_timing() {
    let folder = folder("one.mid");
    let bars = performances(folder.path(), Split::Train).unwrap();
    assert_eq!(bars.len(), 4);
    let bar = &bars[1];
    assert_eq!((bar.triplets, bar.part, bar.lanes.len()), (false, Part::Beat, 3));
    let masks: Vec<u16> = bar.lanes.iter().map(|strip| strip.hits()).collect();
    assert_eq!(masks, [0x0401, 0x1010, 0x5555]);
    assert_eq!(bar.lanes[1].velocity[4], 127);
    assert!((bar.lanes[0].offset[0] - 0.1).abs() < 1e-4);
}

#[test]
fn what_is_no_such_folder_is_said() {
    assert!(performances(Path::new("/nowhere"), Split::Train).is_err());
    let away = folder("../one.mid");
    assert!(performances(away.path(), Split::Train).unwrap_err().to_string().contains("leaves the folder"));
    let damaged = folder("one.mid");
    std::fs::write(damaged.path().join("one.mid"), b"MThd").unwrap();
    assert!(performances(damaged.path(), Split::Train).unwrap_err().to_string().contains("one.mid"));
}

#[test]
fn training_learns_and_is_the_same_for_the_same_seed() {
    let folder = folder("one.mid");
    let options = Options { seed: Seed(2), rhythm_steps: 12, feel_steps: 6, drawn: 256 };
    let run = || train(folder.path(), options, &mut |_| {}).unwrap();
    let (one, again) = (run(), run());
    assert_eq!(one.bytes, again.bytes);
    assert!(Nets::read(&one.bytes).is_ok());
    let last = one.rhythm.last().unwrap();
    assert!(last.played.is_finite() && last.drawn.unwrap() < 70.0, "{last:?}");
}

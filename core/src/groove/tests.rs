use super::*;
use crate::pattern::{Grid, Hit, Lane, Loop, MAX_LANES, Role, SampleId, Swing};
use crate::rng::Rng;
use crate::units::Seed;

#[test]
fn convert_tmp() {
    let mut b = std::fs::read("/tmp/w/groove/proto_nosum.bin").unwrap();
    let sum = blake3::hash(&b);
    b.extend(sum.as_bytes());
    std::fs::write("/tmp/w/groove/groove.bin", &b).unwrap();
    let nets = Nets::read(&b).unwrap();
    let f = |n: &str| -> Vec<f32> {
        std::fs::read(format!("/tmp/w/groove/v_{n}.f32"))
            .unwrap()
            .chunks_exact(4)
            .map(|c| f32::from_le_bytes([c[0], c[1], c[2], c[3]]))
            .collect()
    };
    let (x, present, cond, known, logit) = (f("x"), f("present"), f("cond"), f("known"), f("rhythm_logit"));
    let (y, fc, mean, ls) = (f("y"), f("feel_cond"), f("feel_mean"), f("feel_logscale"));
    let mut worst = 0f32;
    let mut worstf = 0f32;
    for b in 0..8 {
        let roles: Vec<Role> = (0..9).filter(|&r| present[b * 9 + r] > 0.0).map(|r| Role::ALL[r]).collect();
        let c: [f32; 32] = std::array::from_fn(|i| cond[b * 32 + i]);
        assert!(roles.len() <= 8);
        let mut bar = RhythmBar::new(&nets.rhythm, &roles, u16::MAX, false, &c);
        let mask = |v: &[f32], r: usize| {
            (0..16).fold(0u16, |m, s| m | u16::from(v[(b * 9 + r) * 16 + s] > 0.5) << s)
        };
        for (l, r) in roles.iter().enumerate() {
            let k = mask(&known, r.index());
            bar.show(l, k, mask(&x, r.index()));
            bar.hide(l, !k);
        }
        let mut out = [[0.0; 16]; 8];
        bar.log_odds(&mut out);
        for (l, r) in roles.iter().enumerate() {
            for s in 0..16 {
                worst = worst.max((out[l][s] - logit[(b * 9 + r.index()) * 16 + s]).abs());
            }
        }
        let mut hits = [0u16; 8];
        for (l, r) in roles.iter().enumerate() {
            hits[l] = mask(&x, r.index());
        }
        let c: [f32; 32] = std::array::from_fn(|i| fc[b * 32 + i]);
        let mut bar = FeelBar::new(&nets.feel, &roles, &hits, &c);
        for (l, r) in roles.iter().enumerate() {
            let k = mask(&known, r.index());
            for s in 0..16 {
                if k >> s & 1 == 1 {
                    let at = |ch: usize| y[((b * 2 + ch) * 9 + r.index()) * 16 + s];
                    bar.show(l, s, Sway { velocity: at(0), offset: at(1) });
                }
            }
        }
        for (l, r) in roles.iter().enumerate() {
            for s in 0..16 {
                let bel = bar.belief(l, s);
                let at = |v: &[f32], ch: usize| v[((b * 2 + ch) * 9 + r.index()) * 16 + s];
                for (a, e) in [
                    (bel.mean.velocity, at(&mean, 0)),
                    (bel.mean.offset, at(&mean, 1)),
                    (bel.spread.velocity.ln(), at(&ls, 0)),
                    (bel.spread.offset.ln(), at(&ls, 1)),
                ] {
                    worstf = worstf.max((a - e).abs());
                }
            }
        }
    }
    println!("worst rhythm {worst} feel {worstf}");
    let t = std::time::Instant::now();
    let c = Said::default().condition(false);
    let mut rng = Rng::new(Seed(1));
    for _ in 0..100 {
        let mut bar = RhythmBar::new(&nets.rhythm, Role::default_lanes(6), u16::MAX, false, &c);
        for _ in 0..10 {
            bar.sweep(&[u16::MAX; 8], 0.4, 4, 0.8, &mut rng);
        }
    }
    println!("chain of 10 sweeps {:?} a bar", t.elapsed() / 100);
    let mut lane = Lane::empty(Role::Kick, SampleId::NONE);
    for i in [0, 4, 8, 12] {
        lane.hits[i] = Hit::PLAIN;
    }
    let mut hat = Lane::empty(Role::ClosedHat, SampleId::NONE);
    for i in 0..16 {
        hat.hits[i] = Hit::PLAIN;
    }
    let l = Loop::new(Grid::default(), Swing::STRAIGHT, &[lane, hat]);
    let _ = MAX_LANES;
    let human = Human { amount: 1.0, written: 0, kept: [0; 8], family: None, seed: Seed(3) };
    let _ = play(&l, &human);
    let t = std::time::Instant::now();
    for _ in 0..100 {
        std::hint::black_box(play(&l, &human));
    }
    println!("felt {:?} a loop", t.elapsed() / 100);
    println!("{}", crate::pattern::notation::write(&play(&l, &human)));
}

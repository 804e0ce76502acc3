//! Pretraining in small: it learns, it repeats itself, what it writes can be read.

use super::*;
use crate::listeners::tests::small_kit;

fn small() -> Options {
    Options { seed: Seed(3), tastes: 24, loops: 240, epochs: 6 }
}

#[test]
fn a_small_run_learns_and_its_file_can_be_read() {
    let mut losses = Vec::new();
    let report = pretrain(&small_kit(), small(), &mut |p| losses.push(p.loss)).unwrap();
    assert_eq!(losses.len(), 6);
    assert!(losses[5] < 0.9 * losses[0], "{losses:?}");
    assert!(report.least_loss < report.held_out_loss);
    let read = Pretrained::read(&report.bytes, &Device::flex()).unwrap();
    assert!(read.whiten.iter().all(|v| v.is_finite()));
}

#[test]
fn the_same_seed_writes_the_same_file() {
    let run = || pretrain(&small_kit(), Options { epochs: 1, ..small() }, &mut |_| ()).unwrap().bytes;
    assert_eq!(run(), run());
}

#[test]
fn area_under_roc_of_known_orders() {
    assert_eq!(area_under_roc(&mut [(0.1, false), (0.2, false), (0.3, true)]), 1.0);
    assert_eq!(area_under_roc(&mut [(0.1, true), (0.2, false)]), 0.0);
    assert_eq!(area_under_roc(&mut [(0.1, false), (0.2, true), (0.3, false), (0.4, true)]), 0.75);
}

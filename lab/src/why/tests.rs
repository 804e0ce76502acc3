use super::*;
use crate::listeners::Panel;
use crate::listeners::tests::small_kit;

#[test]
fn a_statement_that_is_the_taste_is_true_and_one_beside_it_is_not() {
    let (kit, setting) = (Arc::new(small_kit()), Setting::lanes(4));
    let panel = Panel::new(&kit, &setting, Seed(1));
    let listener = panel.get("metric/four_on_the_floor").unwrap();
    let yard = Yard::new(&kit, &setting, 1_000, 1);
    let liking = yard.heard_by(listener, 0);
    let four = yard.measure(&liking, |pattern| pattern.lanes()[0].mask() & 0x1111 == 0x1111);
    assert!(four.is_true(), "{four:?}");
    let swung = yard.measure(&liking, |pattern| pattern.swing.percent() > 55.0);
    assert!(!swung.is_true(), "{swung:?}");
    assert!(!yard.measure(&liking, |_| false).is_true());
}

#[test]
fn marks_that_know_the_taste_pass_the_deletion_test() {
    let (kit, setting) = (Arc::new(small_kit()), Setting::lanes(4));
    let panel = Panel::new(&kit, &setting, Seed(1));
    let listener = panel.get("metric/four_on_the_floor").unwrap();
    let mut rng = Rng::new(Seed(3));
    let mut sum = Deletion::default();
    for pattern in Yard::new(&kit, &setting, 300, 1).loops() {
        if listener.p_like(pattern, 0) > 0.6 {
            let marks = |lane: usize, step: usize| f32::from(lane == 0 && step.is_multiple_of(4));
            sum = sum.with(deletion(listener, 0, pattern, &marks, &mut rng));
        }
    }
    assert!(sum.loops > 3 && sum.marked > 3.0 * sum.random, "{sum:?}");
}

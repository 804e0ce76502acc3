use super::*;
use deepdrummer_core::engine::Enter;
use deepdrummer_core::pattern::{Grid, Meter};
use deepdrummer_core::propose::Steering;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_parameter_is_found_where_it_says_and_under_one_id() {
    let all: Vec<HostParam> = HostParam::all().collect();
    for (at, param) in all.iter().enumerate() {
        assert_eq!(param.index(), at, "{param:?}");
        assert!(!param.row().help.is_empty() && !param.row().name.is_empty());
    }
    let ids: BTreeSet<String> = all.iter().map(|param| param.id()).collect();
    assert_eq!(ids.len(), all.len());
    assert!(all.iter().all(|param| HostParam::with_id(&param.id()) == Some(*param)));
    for none in ["", "lock_beat", "lock_beat_0", "lock_beat_9", "lock_beat_01", "lock_beat_+1", "new"] {
        assert_eq!(HostParam::with_id(none), None, "{none}");
    }
}

#[test]
fn no_two_parameters_share_a_place_on_a_page_and_none_lies_beyond_its_end() {
    let placed = HostParam::all().filter(|param| param.row().page.is_some()).count();
    let found: usize = Page::ALL.iter().map(|page| page.places().iter().flatten().count()).sum();
    assert_eq!(found, placed);
}

#[test]
fn a_new_instances_parameters_hold_what_a_new_session_and_a_new_mixer_have() {
    assert_eq!(HostParam::controls(HostParam::default), Controls::default());
    assert_eq!(HostParam::to_hold(Controls::default(), HostParam::default).count(), 0);
    let mut mix = MixState { bus: SoundControls::default().bus, ..MixState::default() };
    for param in HostParam::all() {
        if let Holds::Mix(set) = param.row().holds {
            set(&mut mix, param.lane().unwrap_or(0), param.default());
        }
    }
    assert_eq!(mix, MixState { bus: SoundControls::default().bus, ..MixState::default() });
    let sound = |of: fn(HostParam) -> f32| HostParam::controls(of).sound;
    assert_eq!(sound(|param| param.before_it_was().unwrap_or(0.0)), SoundControls::NONE);
}

#[test]
fn whatever_a_session_holds_the_parameters_take_on_and_give_back_whole() {
    let mut values: BTreeMap<HostParam, f32> =
        HostParam::all().map(|param| (param, param.default())).collect();
    for (at, meter) in MeterChoice::ALL.into_iter().map(MeterChoice::meter).enumerate() {
        let wanted = Controls {
            steering: Steering {
                adventure: at as f32 / 11.0,
                density: 1.0 - at as f32 / 11.0,
                swing: (at % 2 == 0).then(|| Swing::from_percent(50.0 + at as f32)),
                grid: Grid { bars: [1, 2, 4][at % 3], steps_per_bar: 1 + 2 * at as u8, meter },
                four_on_the_floor: at % 2 == 1,
                follow: (at as f32 - 5.0) / 11.0,
                ..Steering::default()
            },
            enter: [Enter::NextBar, Enter::LoopEnd, Enter::Beat, Enter::Now][at % 4],
            audition: at % 2 == 0,
            sound: if at % 2 == 0 { SoundControls::NONE } else { SoundControls::default() },
        };
        let changes: Vec<_> = HostParam::to_hold(wanted, |param| values[&param]).collect();
        values.extend(changes);
        assert_eq!(HostParam::controls(|param| values[&param]), wanted);
    }
    // A meter that is no choice leaves the parameter as it is.
    let odd = Controls {
        steering: Steering {
            grid: Grid { meter: Meter { numerator: 13, denominator: 16 }, ..Grid::default() },
            ..HostParam::controls(|param| values[&param]).steering
        },
        ..Controls::default()
    };
    assert!(HostParam::to_hold(odd, |param| values[&param]).all(|(param, _)| param != HostParam::Meter));
}

#[test]
fn no_value_leaves_the_range_of_its_parameter() {
    for param in HostParam::all() {
        let [least, most] = param.range();
        assert_eq!(param.sanitized(f32::NAN), param.default(), "{param:?}");
        assert_eq!(param.sanitized(f32::INFINITY), most, "{param:?}");
        assert_eq!(param.sanitized(f32::NEG_INFINITY), least, "{param:?}");
    }
}

//! Fast logarithm and logistic function for the inner loops: absolute error below 2e-4.

/// Natural logarithm of a positive normal number.
#[must_use]
#[inline]
pub(crate) fn ln(x: f32) -> f32 {
    let bits = x.to_bits();
    let exponent = ((bits >> 23) as i32 - 127) as f32;
    let m = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000) - 1.0;
    // ln(1 + m) on [0, 1): Abramowitz and Stegun 4.1.43.
    let series = m * (0.999_496 + m * (-0.491_909 + m * (0.289_475 + m * (-0.136_063 + m * 0.032_158))));
    exponent * std::f32::consts::LN_2 + series
}

/// The logistic function.
#[must_use]
#[inline]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The exponential function of −80 to 80 (clamped).
#[must_use]
#[inline]
pub(crate) fn exp(x: f32) -> f32 {
    // Adding and taking 1.5 · 2^23 rounds to the nearest whole number without a library call.
    const ROUND: f32 = 12_582_912.0;
    let t = x.clamp(-80.0, 80.0) * std::f32::consts::LOG2_E;
    let whole = (t + ROUND) - ROUND;
    let f = (t - whole) * std::f32::consts::LN_2;
    // e^f on ±0.35 by its series.
    let power = 1.0 + f * (1.0 + f * (0.5 + f * (0.166_666_67 + f * (0.041_666_668 + f * 0.008_333_334))));
    f32::from_bits((power.to_bits() as i32 + ((whole as i32) << 23)) as u32)
}

#[cfg(test)]
mod tests {
    #[test]
    fn quick_functions_agree_with_exact_ones() {
        for at in -4000..4000 {
            let x = at as f32 * 0.005;
            assert!((super::exp(x) / x.exp() - 1.0).abs() < 3e-4, "{x}");
            assert!((super::sigmoid(x) - 1.0 / (1.0 + (-x).exp())).abs() < 2e-4, "{x}");
            let y = x.exp();
            assert!((super::ln(y) - x).abs() < 2e-4, "{x}");
        }
    }
}

//! The few products that inference needs, written so that the compiler makes vector instructions of them.
//!
//! Any thread; nothing allocates.

/// Adds `by` times a column.
pub(super) fn add<const N: usize>(out: &mut [f32; N], column: &[f32], by: f32) {
    for (o, w) in out.iter_mut().zip(column) {
        *o += by * w;
    }
}

/// Adds the product of a matrix of columns with a vector in which many entries are zero: after a ramp about
/// half of them are. `M` is the vector's length.
pub(super) fn add_product<const N: usize, const M: usize>(
    out: &mut [f32; N],
    columns: &[f32],
    inputs: &[f32; M],
) {
    let mut at = [0u16; M];
    let mut count = 0;
    for (index, &input) in inputs.iter().enumerate() {
        at[count] = index as u16;
        count += usize::from(input != 0.0);
    }
    // Four columns at a time: the sums are then loaded and stored a quarter as often.
    let mut fours = at[..count].chunks_exact(4);
    for four in &mut fours {
        let [a, b, c, d] = [four[0], four[1], four[2], four[3]].map(usize::from);
        let (ca, cb) = (&columns[a * N..][..N], &columns[b * N..][..N]);
        let (cc, cd) = (&columns[c * N..][..N], &columns[d * N..][..N]);
        let (xa, xb, xc, xd) = (inputs[a], inputs[b], inputs[c], inputs[d]);
        for (i, o) in out.iter_mut().enumerate() {
            *o += (xa * ca[i] + xb * cb[i]) + (xc * cc[i] + xd * cd[i]);
        }
    }
    for &index in fours.remainder() {
        let index = usize::from(index);
        add(out, &columns[index * N..][..N], inputs[index]);
    }
}

/// The inner product, summed in eight strands.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (ea, eb) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = ea.remainder().iter().zip(eb.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in ea.zip(eb) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    rest + sums.iter().sum::<f32>()
}

/// Negative values become zero.
pub(super) fn ramp<const N: usize>(values: &mut [f32; N]) {
    for value in values {
        *value = value.max(0.0);
    }
}

/// The logistic function.
pub(super) fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

//! Symmetric matrices and their Cholesky factors, and inner products that vectorise.

/// A symmetric matrix that can grow.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::critic) struct SquareMatrix {
    rows: Vec<Vec<f64>>,
}

impl SquareMatrix {
    /// Zeros.
    #[must_use]
    pub(in crate::critic) fn zeros(n: usize) -> Self {
        Self { rows: vec![vec![0.0; n]; n] }
    }

    /// One row and column of zeros more.
    pub(in crate::critic) fn grow(&mut self) {
        let n = self.rows.len() + 1;
        self.rows.iter_mut().for_each(|row| row.push(0.0));
        self.rows.push(vec![0.0; n]);
    }

    /// Without its first rows and columns.
    pub(in crate::critic) fn drop_first(&mut self, count: usize) {
        self.rows.drain(..count);
        self.rows.iter_mut().for_each(|row| drop(row.drain(..count)));
    }

    /// A row.
    #[must_use]
    pub(in crate::critic) fn row(&self, at: usize) -> &[f64] {
        &self.rows[at]
    }

    /// Sets an entry and its mirror.
    pub(in crate::critic) fn set_both(&mut self, a: usize, b: usize, value: f64) {
        self.rows[a][b] = value;
        self.rows[b][a] = value;
    }

    /// Sets an entry of the lower half alone, which is all that [`SquareMatrix::factorise`] reads.
    pub(in crate::critic) fn set_lower(&mut self, a: usize, b: usize, value: f64) {
        self.rows[a][b] = value;
    }

    /// Adds a multiple of the outer product of a vector with itself to the lower half.
    pub(in crate::critic) fn add_outer(&mut self, scale: f64, x: &[f64]) {
        for (i, row) in self.rows.iter_mut().enumerate() {
            let scaled = scale * x[i];
            row[..=i].iter_mut().zip(x).for_each(|(to, x)| *to += scaled * x);
        }
    }

    /// Adds a multiple of another matrix of the same size.
    pub(in crate::critic) fn add_scaled(&mut self, other: &Self, scale: f64) {
        for (row, from) in self.rows.iter_mut().zip(&other.rows) {
            row.iter_mut().zip(from).for_each(|(to, value)| *to += scale * value);
        }
    }

    /// Adds a constant to every entry.
    pub(in crate::critic) fn add_constant(&mut self, value: f64) {
        self.rows.iter_mut().flatten().for_each(|entry| *entry += value);
    }

    /// Adds to the diagonal.
    pub(in crate::critic) fn add_diagonal(&mut self, value: f64) {
        self.rows.iter_mut().enumerate().for_each(|(at, row)| row[at] += value);
    }

    /// The lower Cholesky factor in place; a pivot below 1e-10 counts as that.
    pub(in crate::critic) fn factorise(&mut self) {
        for i in 0..self.rows.len() {
            let (above, rest) = self.rows.split_at_mut(i);
            let row = &mut rest[0];
            for (j, other) in above.iter().enumerate() {
                let inner = inner(&row[..j], &other[..j]);
                row[j] = (row[j] - inner) / other[j];
            }
            let own = inner(&row[..i], &row[..i]);
            row[i] = (row[i] - own).max(1e-10).sqrt();
            row[i + 1..].fill(0.0);
        }
    }

    /// Solves L x = b in place, L being this factor.
    pub(in crate::critic) fn solve_lower(&self, b: &mut [f64]) {
        for i in 0..self.rows.len() {
            let row = &self.rows[i];
            b[i] = (b[i] - inner(&row[..i], &b[..i])) / row[i];
        }
    }

    /// Solves Lᵀ x = b in place.
    pub(in crate::critic) fn solve_upper(&self, b: &mut [f64]) {
        for i in (0..self.rows.len()).rev() {
            let row = &self.rows[i];
            b[i] /= row[i];
            let value = b[i];
            b[..i].iter_mut().zip(&row[..i]).for_each(|(to, l)| *to -= l * value);
        }
    }

    /// The inverse of L Lᵀ, this being L.
    #[must_use]
    pub(in crate::critic) fn inverse_from_factor(&self) -> Self {
        let n = self.rows.len();
        // Rows of the inverse factor, then their products.
        let mut columns: Vec<Vec<f64>> = Vec::with_capacity(n);
        for at in 0..n {
            let mut column = vec![0.0; n];
            column[at] = 1.0;
            for i in at..n {
                let row = &self.rows[i];
                column[i] = (column[i] - inner(&row[at..i], &column[at..i])) / row[i];
            }
            columns.push(column);
        }
        let mut inverse = Self::zeros(n);
        for a in 0..n {
            for b in 0..=a {
                let value = inner(&columns[a][a..], &columns[b][a..]);
                inverse.set_both(a, b, value);
            }
        }
        inverse
    }
}

/// The inner product, in four partial sums so that it vectorises.
pub(in crate::critic) fn inner(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0f64; 4];
    let (a4, a_rest) = a.as_chunks::<4>();
    let (b4, b_rest) = b.as_chunks::<4>();
    for (x, y) in a4.iter().zip(b4) {
        for at in 0..4 {
            sums[at] += x[at] * y[at];
        }
    }
    sums.iter().sum::<f64>() + a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum::<f64>()
}

/// The same in single precision, in eight partial sums so that it vectorises.
pub(in crate::critic) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0f32; 8];
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    for (x, y) in a8.iter().zip(b8) {
        for at in 0..8 {
            sums[at] += x[at] * y[at];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(x, y)| x * y).sum();
    sums.iter().sum::<f32>() + rest
}

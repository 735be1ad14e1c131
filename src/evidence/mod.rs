//! What a law looks at: a subject evaluated at a point, in the systems that carry errors and derivatives.

mod determinant;
mod digits;
mod ground;
mod jacobian;
mod sides;
mod site;
mod slopes;
mod subject;

pub(crate) use determinant::{LogAbsDet, log_abs_det};
pub(crate) use digits::{Format, Loss, losses};
pub use ground::Ground;
pub(crate) use jacobian::{Jacobian, in_chunks, jacobian_f64};
pub use sides::{Sides, Stop};
pub(crate) use site::{Evaluated, balls, resolved};
pub use site::{PointKind, Site};
pub(crate) use slopes::{STARTS, slopes, slopes_from, stencil};
pub use subject::Subject;
pub(crate) use subject::{Direction, sized};

/// Anything the laws can judge. Every [`Layer`](crate::Layer) is one, behind any pointer; so is a
/// [`BlackBox`](crate::BlackBox).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be put under law: it is not a `Layer`",
    note = "besides `impl<S: Scalar> Flow<S> for {Self}` a layer needs `Debug` and \
            `impl Layer for {Self} {{ fn dim(&self) -> usize {{ … }} }}`"
)]
pub trait AsSubject: std::fmt::Debug {
    /// The view that laws have of it.
    fn as_subject(&self) -> Subject<'_>;
}

impl<L: crate::Layer> AsSubject for L {
    fn as_subject(&self) -> Subject<'_> {
        Subject::of(self)
    }
}
impl AsSubject for dyn crate::Layer + '_ {
    fn as_subject(&self) -> Subject<'_> {
        Subject::of_dyn(self)
    }
}

//! The operators that follow from those with `Self` on the right, and the conversions from plain numbers.

macro_rules! derived_operators {
    ([$($generics:tt)*] $scalar:ty) => {
        derived_operators!(@right [$($generics)*] $scalar, f64);
        derived_operators!(@assign [$($generics)*] $scalar, Self);
        derived_operators!(@assign [$($generics)*] $scalar, f64);
        impl<$($generics)*> Sum for $scalar {
            fn sum<I: Iterator<Item = Self>>(mut all: I) -> Self {
                // As f64 has it: the empty sum is −0.
                let first = all.next().unwrap_or_else(|| Self::from(-0.0));
                all.fold(first, |a, b| a + b)
            }
        }
    };
    (@right [$($generics:tt)*] $scalar:ty, $right:ident) => {
        derived_operators!(@one_right [$($generics)*] $scalar, $right, Add add +);
        derived_operators!(@one_right [$($generics)*] $scalar, $right, Sub sub -);
        derived_operators!(@one_right [$($generics)*] $scalar, $right, Mul mul *);
        derived_operators!(@one_right [$($generics)*] $scalar, $right, Div div /);
    };
    (@one_right [$($generics:tt)*] $scalar:ty, $right:ident, $trait:ident $method:ident $op:tt) => {
        impl<$($generics)*> $trait<$right> for $scalar {
            type Output = Self;
            #[inline]
            fn $method(self, right: $right) -> Self { self $op Self::from(right) }
        }
    };
    (@assign [$($generics:tt)*] $scalar:ty, $right:ident) => {
        derived_operators!(@one_assign [$($generics)*] $scalar, $right, AddAssign add_assign +);
        derived_operators!(@one_assign [$($generics)*] $scalar, $right, SubAssign sub_assign -);
        derived_operators!(@one_assign [$($generics)*] $scalar, $right, MulAssign mul_assign *);
        derived_operators!(@one_assign [$($generics)*] $scalar, $right, DivAssign div_assign /);
    };
    (@one_assign [$($generics:tt)*] $scalar:ty, $right:ident, $trait:ident $method:ident $op:tt) => {
        impl<$($generics)*> $trait<$right> for $scalar {
            #[inline]
            fn $method(&mut self, right: $right) { *self = *self $op right; }
        }
    };
}

/// The same with a parameter on the right, for the systems that layers compute in.
macro_rules! parameter_operators {
    ($scalar:ty) => {
        derived_operators!(@right [] $scalar, Param);
        derived_operators!(@assign [] $scalar, Param);
        impl From<Param> for $scalar {
            #[inline]
            fn from(p: Param) -> Self { Self::parameter(p) }
        }
    };
}
pub(super) use {derived_operators, parameter_operators};

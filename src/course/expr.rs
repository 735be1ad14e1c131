//! The expressions that can be evaluated.

use super::token::Literal;

/// How a factor is joined to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    /// `\cdot`: between vectors, the scalar product.
    Dot,
    /// `\times`: between vectors, the vector product.
    Times,
    /// Side by side.
    Implicit,
    /// Divides.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signed {
    Plus,
    Minus,
    /// `±`
    Either,
    /// `∓`
    Opposite,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Sin,
    Cos,
    Tan,
    Cot,
    Sec,
    Csc,
    Asin,
    Acos,
    Atan,
    Sinh,
    Cosh,
    Tanh,
    Sech,
    Csch,
    Coth,
    Asinh,
    Acosh,
    Atanh,
    Exp,
    Ln,
    Sqrt,
    Max,
    Min,
    Gcd,
    Lcm,
    Floor,
    Ceil,
    Erf,
    /// The standard normal distribution function.
    Normal,
    NormalDensity,
    NormalQuantile,
    Gamma,
    Binomial,
    Det,
    Trace,
    Sigmoid,
    Relu,
    Softplus,
}

impl Function {
    /// By name, in LaTeX or plain.
    pub(super) fn named(name: &str) -> Option<Self> {
        use Function::*;
        Some(match name {
            "sin" => Sin,
            "cos" => Cos,
            "tan" | "tg" => Tan,
            "cot" | "ctg" => Cot,
            "sec" => Sec,
            "csc" | "cosec" => Csc,
            "arcsin" | "asin" => Asin,
            "arccos" | "acos" => Acos,
            "arctan" | "atan" | "arctg" => Atan,
            "sinh" => Sinh,
            "cosh" => Cosh,
            "tanh" => Tanh,
            "sech" => Sech,
            "csch" => Csch,
            "coth" => Coth,
            "arsinh" | "arcsinh" | "asinh" => Asinh,
            "arcosh" | "arccosh" | "acosh" => Acosh,
            "artanh" | "arctanh" | "atanh" => Atanh,
            "exp" => Exp,
            "ln" => Ln,
            "sqrt" => Sqrt,
            "max" => Max,
            "min" => Min,
            "gcd" => Gcd,
            "lcm" => Lcm,
            "floor" => Floor,
            "ceil" => Ceil,
            "erf" => Erf,
            "Phi" => Normal,
            "phi" | "varphi" => NormalDensity,
            "Gamma" => Gamma,
            "det" => Det,
            "tr" | "trace" | "Tr" => Trace,
            "sigmoid" | "sigma" => Sigmoid,
            "ReLU" | "relu" => Relu,
            "softplus" => Softplus,
            _ => return None,
        })
    }

    /// The function meant by the exponent −1.
    pub(super) fn inverse(self) -> Option<Self> {
        use Function::*;
        Some(match self {
            Sin => Asin,
            Cos => Acos,
            Tan => Atan,
            Sinh => Asinh,
            Cosh => Acosh,
            Tanh => Atanh,
            Normal => NormalQuantile,
            _ => return None,
        })
    }

    /// Whether its argument is an angle.
    pub(super) fn takes_angle(self) -> bool {
        use Function::*;
        matches!(self, Sin | Cos | Tan | Cot | Sec | Csc)
    }
    /// Whether its value is an angle.
    pub(super) fn gives_angle(self) -> bool {
        matches!(self, Self::Asin | Self::Acos | Self::Atan)
    }
    /// A letter that names this function in some texts and something else in others.
    pub(super) fn is_a_guess(self) -> bool {
        use Function::*;
        matches!(self, Normal | NormalDensity | NormalQuantile | Gamma | Sigmoid | Det | Trace)
    }
}

#[derive(Clone, Debug)]
pub(super) enum Expr {
    Number(Literal),
    Pi,
    /// The letter e.
    Euler,
    Name(String),
    /// A unit or another word beside a number, which stands for the factor 1.
    Unit(String),
    Paren(Box<Expr>),
    Sum(Vec<(Signed, Expr)>),
    Product(Box<Expr>, Vec<(Join, Expr)>),
    Fraction(Box<Expr>, Box<Expr>),
    /// `2\frac{1}{2}`.
    Mixed(Box<Expr>, Box<Expr>),
    Power(Box<Expr>, Box<Expr>),
    /// `a \times 10^n` after a division, where it is one number for most.
    Scientific(Box<Expr>, Box<Expr>),
    Transpose(Box<Expr>),
    Factorial(Box<Expr>),
    Percent(Box<Expr>),
    Degree(Box<Expr>),
    Abs(Box<Expr>),
    Norm(Box<Expr>),
    Root(Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    /// A logarithm; without a base it is for the text to say which.
    Log(Option<Box<Expr>>, Box<Expr>),
    Tuple(Vec<Expr>),
    Matrix(Vec<Vec<Expr>>),
    Series {
        is_product: bool,
        index: String,
        from: Box<Expr>,
        to: Box<Expr>,
        body: Box<Expr>,
    },
    Integral {
        variable: String,
        from: Box<Expr>,
        to: Box<Expr>,
        body: Box<Expr>,
    },
    /// `[F(x)]_a^b`.
    Between {
        body: Box<Expr>,
        from: Box<Expr>,
        to: Box<Expr>,
    },
    /// A numeral that goes on: `0.333…`.
    Goes(Literal),
    Modulo(Box<Expr>, Box<Expr>),
}

impl Expr {
    /// Calls a function on this expression and all inside it.
    pub(super) fn visit(&self, f: &mut impl FnMut(&Expr)) {
        f(self);
        match self {
            Self::Number(_) | Self::Pi | Self::Euler | Self::Name(_) | Self::Unit(_) | Self::Goes(_) => {}
            Self::Paren(a)
            | Self::Transpose(a)
            | Self::Factorial(a)
            | Self::Percent(a)
            | Self::Degree(a)
            | Self::Abs(a)
            | Self::Norm(a)
            | Self::Log(None, a) => a.visit(f),
            Self::Fraction(a, b)
            | Self::Mixed(a, b)
            | Self::Power(a, b)
            | Self::Scientific(a, b)
            | Self::Root(a, b)
            | Self::Modulo(a, b)
            | Self::Log(Some(a), b) => {
                a.visit(f);
                b.visit(f);
            }
            Self::Sum(terms) => terms.iter().for_each(|(_, t)| t.visit(f)),
            Self::Product(first, rest) => {
                first.visit(f);
                rest.iter().for_each(|(_, t)| t.visit(f));
            }
            Self::Call(_, all) | Self::Tuple(all) => all.iter().for_each(|a| a.visit(f)),
            Self::Matrix(rows) => rows.iter().flatten().for_each(|a| a.visit(f)),
            Self::Series { from, to, body, .. }
            | Self::Integral { from, to, body, .. }
            | Self::Between { from, to, body } => {
                from.visit(f);
                to.visit(f);
                body.visit(f);
            }
        }
    }

    /// Without parentheses around the whole.
    pub(super) fn bare(&self) -> &Self {
        match self {
            Self::Paren(inner) => inner.bare(),
            other => other,
        }
    }
}

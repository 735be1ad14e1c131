//! The exhibits of the museum, one file each. `src/museum` pulls them into the library.

use super::Exhibit;

mod prelude;

mod form_01;
mod sign_01;
mod sign_02;
mod sign_03;
mod sign_06;
mod sign_07;
mod sign_08;
mod sign_09;
mod sign_11;
mod sign_16;

/// Every exhibit, by class.
pub(super) const ALL: &[Exhibit] = &[
    sign_01::EXHIBIT,
    sign_02::EXHIBIT,
    sign_03::EXHIBIT,
    sign_06::EXHIBIT,
    sign_07::EXHIBIT,
    sign_08::EXHIBIT,
    sign_09::EXHIBIT,
    sign_11::EXHIBIT,
    sign_16::EXHIBIT,
    form_01::EXHIBIT,
];

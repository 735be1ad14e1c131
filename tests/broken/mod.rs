//! The exhibits of the museum, one file each. `src/museum` pulls them into the library.

use super::Exhibit;

mod prelude;

mod dom_02;
mod dom_04;
mod dom_05;
mod dom_09;
mod dom_11;
mod dom_12;
mod dom_13;
mod form_01;
mod form_02;
mod form_03;
mod form_05;
mod form_06;
mod form_07;
mod form_09;
mod form_10;
mod form_11;
mod form_13;
mod form_16;
mod form_17;
mod form_18;
mod form_20;
mod form_21;
mod form_22;
mod form_23;
mod form_26;
mod form_28;
mod form_29;
mod inv_01;
mod inv_03;
mod inv_06;
mod inv_09;
mod inv_11;
mod inv_15;
mod inv_16;
mod inv_17;
mod inv_18;
mod inv_19;
mod inv_20;
mod inv_21;
mod inv_22;
mod inv_23;
mod inv_24;
mod mask_01;
mod mask_03;
mod mask_04;
mod mask_05;
mod mask_07;
mod mask_08;
mod mask_09;
mod mask_10;
mod mask_13;
mod mask_15;
mod mask_16;
mod num_01;
mod num_02;
mod num_07;
mod num_10;
mod num_13;
mod num_14;
mod num_15;
mod num_17;
mod num_18;
mod num_19;
mod num_21;
mod num_22;
mod num_23;
mod num_24;
mod num_26;
mod own_01;
mod own_02;
mod own_03;
mod own_04;
mod own_05;
mod own_06;
mod par_01;
mod par_02;
mod par_03;
mod par_04;
mod par_05;
mod par_06;
mod par_08;
mod par_09;
mod ref_01;
mod ref_03;
mod shape_01;
mod shape_02;
mod shape_08;
mod shape_11;
mod shape_12;
mod shape_13;
mod shape_16;
mod shape_18;
mod shape_21;
mod shape_23;
mod shape_24;
mod shape_26;
mod shape_28;
mod shape_29;
mod shape_30;
mod shape_31;
mod shape_33;
mod sign_01;
mod sign_02;
mod sign_03;
mod sign_04;
mod sign_06;
mod sign_07;
mod sign_08;
mod sign_09;
mod sign_11;
mod sign_12;
mod sign_13;
mod sign_14;
mod sign_16;
mod sign_17;
mod sign_18;
mod state_01;
mod state_02;
mod state_03;
mod state_04;
mod state_05;
mod state_09;
mod state_10;

/// Every exhibit, by class.
pub(super) const ALL: &[Exhibit] = &[
    sign_01::EXHIBIT,
    sign_02::EXHIBIT,
    sign_03::EXHIBIT,
    sign_04::EXHIBIT,
    sign_06::EXHIBIT,
    sign_07::EXHIBIT,
    sign_08::EXHIBIT,
    sign_09::EXHIBIT,
    sign_11::EXHIBIT,
    sign_12::EXHIBIT,
    sign_13::EXHIBIT,
    sign_14::EXHIBIT,
    sign_16::EXHIBIT,
    sign_17::EXHIBIT,
    sign_18::EXHIBIT,
    form_01::EXHIBIT,
    form_02::EXHIBIT,
    form_03::EXHIBIT,
    form_05::EXHIBIT,
    form_06::EXHIBIT,
    form_07::EXHIBIT,
    form_09::EXHIBIT,
    form_10::EXHIBIT,
    form_11::EXHIBIT,
    form_13::EXHIBIT,
    form_16::EXHIBIT,
    form_17::EXHIBIT,
    form_18::EXHIBIT,
    form_20::EXHIBIT,
    form_21::EXHIBIT,
    form_22::EXHIBIT,
    form_23::EXHIBIT,
    form_26::EXHIBIT,
    form_28::EXHIBIT,
    form_29::EXHIBIT,
    shape_01::EXHIBIT,
    shape_02::EXHIBIT,
    shape_08::EXHIBIT,
    shape_11::EXHIBIT,
    shape_12::EXHIBIT,
    shape_13::EXHIBIT,
    shape_16::EXHIBIT,
    shape_18::EXHIBIT,
    shape_21::EXHIBIT,
    shape_23::EXHIBIT,
    shape_24::EXHIBIT,
    shape_26::EXHIBIT,
    shape_28::EXHIBIT,
    shape_29::EXHIBIT,
    shape_30::EXHIBIT,
    shape_31::EXHIBIT,
    shape_33::EXHIBIT,
    inv_01::EXHIBIT,
    inv_03::EXHIBIT,
    inv_06::EXHIBIT,
    inv_09::EXHIBIT,
    inv_11::EXHIBIT,
    inv_15::EXHIBIT,
    inv_16::EXHIBIT,
    inv_17::EXHIBIT,
    inv_18::EXHIBIT,
    inv_19::EXHIBIT,
    inv_20::EXHIBIT,
    inv_21::EXHIBIT,
    inv_22::EXHIBIT,
    inv_23::EXHIBIT,
    inv_24::EXHIBIT,
    mask_01::EXHIBIT,
    mask_03::EXHIBIT,
    mask_04::EXHIBIT,
    mask_05::EXHIBIT,
    mask_07::EXHIBIT,
    mask_08::EXHIBIT,
    mask_09::EXHIBIT,
    mask_10::EXHIBIT,
    mask_13::EXHIBIT,
    mask_15::EXHIBIT,
    mask_16::EXHIBIT,
    dom_02::EXHIBIT,
    dom_04::EXHIBIT,
    dom_05::EXHIBIT,
    dom_09::EXHIBIT,
    dom_11::EXHIBIT,
    dom_12::EXHIBIT,
    dom_13::EXHIBIT,
    num_01::EXHIBIT,
    num_02::EXHIBIT,
    num_07::EXHIBIT,
    num_10::EXHIBIT,
    num_13::EXHIBIT,
    num_14::EXHIBIT,
    num_15::EXHIBIT,
    num_17::EXHIBIT,
    num_18::EXHIBIT,
    num_19::EXHIBIT,
    num_21::EXHIBIT,
    num_22::EXHIBIT,
    num_23::EXHIBIT,
    num_24::EXHIBIT,
    num_26::EXHIBIT,
    par_01::EXHIBIT,
    par_02::EXHIBIT,
    par_03::EXHIBIT,
    par_04::EXHIBIT,
    par_05::EXHIBIT,
    par_06::EXHIBIT,
    par_08::EXHIBIT,
    par_09::EXHIBIT,
    state_01::EXHIBIT,
    state_02::EXHIBIT,
    state_03::EXHIBIT,
    state_04::EXHIBIT,
    state_05::EXHIBIT,
    state_09::EXHIBIT,
    state_10::EXHIBIT,
    ref_01::EXHIBIT,
    ref_03::EXHIBIT,
    own_01::EXHIBIT,
    own_02::EXHIBIT,
    own_03::EXHIBIT,
    own_04::EXHIBIT,
    own_05::EXHIBIT,
    own_06::EXHIBIT,
];

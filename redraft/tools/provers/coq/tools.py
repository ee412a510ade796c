"""Automation for goals of arithmetic, in the order of cost and yield. What tries it belongs in `automation`.

A step brings the goal, and perhaps what is supposed, into a form that a decision procedure knows, and ends the goal or
fails. None of them names a theorem.
"""

from __future__ import annotations

from redraft.tools.provers.base import Tool

_NONZERO = "repeat split; first [assumption | nra | intro; nra]"
_APPLIED = (
    "repeat match goal with H : (forall x, ?f x = _) |- context [?f ?a] => rewrite (H a) "
    "| H : (forall x, ?f x = _), K : context [?f ?a] |- _ => rewrite (H a) in K end"
)
_APPLIED_WHERE = (
    "repeat match goal with H : (forall x, _ -> ?f x = _) |- context [?f ?a] => rewrite (H a) by first [lra | lia] "
    "| H : (forall x, _ -> ?f x = _), K : context [?f ?a] |- _ => rewrite (H a) in K by first [lra | lia] end"
)
_INSTANCES = (
    "repeat match goal with H : (forall x : R, _ = _) |- _ => "
    "lazymatch type of H with (forall x, ?f x = _) => fail | _ => idtac end; "
    "pose proof (H 0%R); pose proof (H 1%R); pose proof (H (-1)%R); pose proof (H 2%R); clear H end"
)
_SQUARES = (
    "repeat match goal with |- context [sqrt ?t] => first ["
    + " | ".join(f"replace (sqrt t) with {n}%R by (symmetry; apply sqrt_lem_1; lra)" for n in range(21))
    + "] end"
)
_CLEARED = (
    f"repeat match goal with H : @eq R _ _ |- _ => field_simplify_eq in H; [revert H | {_NONZERO} ..] end; intros"
)
_ROOTS = (
    "repeat match goal with |- context [sqrt ?t] => pose proof (sqrt_pos t); "
    "assert (sqrt t * sqrt t = t)%R by (apply sqrt_sqrt; nra); generalize dependent (sqrt t); intros "
    "| _ : context [sqrt ?t] |- _ => pose proof (sqrt_pos t); "
    "assert (sqrt t * sqrt t = t)%R by (apply sqrt_sqrt; nra); generalize dependent (sqrt t); intros end"
)
_INVERSES = (
    "unfold Rdiv in *; repeat match goal with |- context [Rinv ?t] => "
    "assert (Rinv t * t = 1)%R by (apply Rinv_l; first [assumption | nra | intro; nra]); "
    "try assert (0 < Rinv t)%R by (apply Rinv_0_lt_compat; nra); generalize dependent (Rinv t); intros "
    "| _ : context [Rinv ?t] |- _ => "
    "assert (Rinv t * t = 1)%R by (apply Rinv_l; first [assumption | nra | intro; nra]); "
    "try assert (0 < Rinv t)%R by (apply Rinv_0_lt_compat; nra); generalize dependent (Rinv t); intros end"
)
_CASES = (
    "unfold Rabs, Rmin, Rmax in *; repeat match goal with |- context [Rcase_abs ?t] => destruct (Rcase_abs t) "
    "| _ : context [Rcase_abs ?t] |- _ => destruct (Rcase_abs t) "
    "| |- context [Rle_dec ?s ?t] => destruct (Rle_dec s t) "
    "| _ : context [Rle_dec ?s ?t] |- _ => destruct (Rle_dec s t) end"
)
_APART = "repeat match goal with H : @not (@eq R _ _) |- _ => destruct (Rdichotomy _ _ H); clear H end"
_COMPLEX = (
    "subst; repeat match goal with z : C |- _ => destruct z end; "
    "repeat match goal with H : @eq C _ _ |- _ => "
    "pose proof (f_equal fst H); pose proof (f_equal snd H); clear H end; "
    "simpl in *; repeat split; apply injective_projections; simpl"
)
_RESIDUES = (
    "match goal with a : BinNums.Z |- context [BinInt.Z.modulo _ ?m] => "
    'let q := fresh "q" in let r := fresh "r" in let n := fresh "n" in '
    "pose proof (BinInt.Z.div_mod a m ltac:(lia)); pose proof (BinInt.Z.mod_pos_bound a m ltac:(lia)); "
    "set (q := BinInt.Z.div a m) in *; set (r := BinInt.Z.modulo a m) in *; clearbody q r; "
    "assert (exists n, r = BinInt.Z.of_nat n) as [n ?] by (exists (BinInt.Z.to_nat r); lia); subst; "
    "do 16 (destruct n as [|n]; [simpl BinInt.Z.of_nat in *; Z.to_euclidean_division_equations; lia|]); lia "
    "| a : nat |- context [PeanoNat.Nat.modulo _ ?m] => "
    'let q := fresh "q" in let r := fresh "r" in '
    "pose proof (PeanoNat.Nat.div_mod a m ltac:(lia)); pose proof (PeanoNat.Nat.mod_upper_bound a m ltac:(lia)); "
    "set (q := PeanoNat.Nat.div a m) in *; set (r := PeanoNat.Nat.modulo a m) in *; clearbody q r; subst a; "
    "do 16 (destruct r as [|r]; [Zify.zify; Z.to_euclidean_division_equations; lia|]); lia end"
)
_SEARCH = (
    "match goal with n : nat |- _ => assert (n <= 100) by nia; "
    "do 101 (destruct n as [|n]; [first [lia | exfalso; nia]|]); lia end"
)
_HOMOMORPHISM = (
    "apply Znat.Nat2Z.inj; repeat match goal with "
    + " | ".join(
        f"|- context [BinInt.Z.of_nat (Nat.{name} ?a ?b)] => rewrite (Znat.Nat2Z.inj_{short} a b)"
        for name, short in (("modulo", "mod"), ("div", "div"), ("add", "add"), ("mul", "mul"), ("pow", "pow"))
    )
    + " end; vm_compute; reflexivity"
)
_LARGE = (
    "repeat match goal with H : context [Nat.of_num_uint ?u] |- _ => "
    "let z := eval vm_compute in (BinInt.Z.of_num_uint u) in "
    "replace (Nat.of_num_uint u) with (BinInt.Z.to_nat z) in H by vm_cast_no_check (eq_refl (BinInt.Z.to_nat z)) "
    "| |- context [Nat.of_num_uint ?u] => let z := eval vm_compute in (BinInt.Z.of_num_uint u) in "
    "replace (Nat.of_num_uint u) with (BinInt.Z.to_nat z) by vm_cast_no_check (eq_refl (BinInt.Z.to_nat z)) end"
)
_PI = "pose proof PI_RGT_0; pose proof PI_4; pose proof PI2_3_2; unfold PI2 in *"

_GOAL_CLEARED = f"try (field_simplify_eq; [idtac | {_NONZERO} ..])"
_UNEQUAL = (
    "repeat match goal with H : @not (@eq R ?a ?b) |- _ => "
    "pose proof (Rinv_r (a - b) (Rminus_eq_contra a b H)); generalize dependent (Rinv (a - b)); clear H; intros end"
)
_EXTENSIONAL = (
    "repeat match goal with H : (forall x, ?f x = @?g x) |- _ => is_var f; "
    "let E := fresh in assert (E : f = g) by (apply FunctionalExtensionality.functional_extensionality; exact H); "
    "clear H; subst f end; cbv beta in *"
)
_NUMBERS = (
    "repeat match goal with |- context [INR ?n] => let z := eval vm_compute in (BinInt.Z.of_nat n) in "
    "replace (INR n) with (IZR z) by (rewrite INR_IZR_INZ; f_equal; vm_compute; reflexivity) end"
)
_LOGARITHMS = (
    "repeat match goal with "
    + " | ".join(
        f"{where} context [ln ({form})] {rest} => rewrite ({lemma}){at} by nra"
        for form, lemma in (("?a * ?b", "ln_mult a b"), ("/ ?a", "ln_Rinv a"), ("?a ^ ?n", "ln_pow a ltac:(nra) n"))
        for where, rest, at in (("|-", "", ""), ("H :", "|- _", " in H"))
    )
    + " end; simpl INR in *"
)
_DIVISIBLE = (
    "rewrite ?PeanoNat.Nat.pow_add_r, ?PeanoNat.Nat.pow_mul_r; "
    "match goal with n : nat |- _ => induction n as [|[|n] ?] end; "
    "try match goal with H : _ -> _ |- _ => specialize (H ltac:(lia)) end; "
    "repeat match goal with H : exists _, _ |- _ => destruct H | H : Nat.divide _ _ |- _ => destruct H end; "
    "match goal with |- exists k, ?e = ?c * k => exists (PeanoNat.Nat.div e c) "
    "| |- Nat.divide ?c ?e => exists (PeanoNat.Nat.div e c) end; "
    "cbn [Nat.pow] in *; Zify.zify; Z.to_euclidean_division_equations; lia"
)

ARITHMETIC = (
    Tool("lra", "lra.", 2),
    Tool("lia", "lia.", 2),
    Tool("field", f"subst; field; {_NONZERO}.", 2),
    Tool("intuition lra", "intuition (subst; lra).", 3),
    Tool("intuition lia", "intuition (subst; lia).", 3),
    Tool("applied", f"{_APPLIED}; subst; first [lra | lia | field; {_NONZERO}].", 3),
    Tool("complex", f"{_COMPLEX}; first [lra | field; {_NONZERO}].", 4),
    Tool("nra", "nra.", 4),
    Tool("nia", "nia.", 4),
    Tool("contradiction", "exfalso; first [lra | nra | nia].", 3),
    Tool("divided lia", "Zify.zify; Z.to_euclidean_division_equations; lia.", 4),
    Tool("homomorphism", f"{_HOMOMORPHISM}.", 4),
    Tool("reflexivity", "subst; vm_compute; intuition congruence.", 3),
    Tool("instances", f"{_INSTANCES}; {_APPLIED}; cbv beta in *; first [lra | nra].", 3),
    Tool("cleared", f"{_CLEARED}; {_GOAL_CLEARED}; first [lra | nra].", 4),
    Tool(
        "ideal",
        f"{_APPLIED}; cbv beta in *; {_CLEARED}; {_GOAL_CLEARED}; {_UNEQUAL}; "
        "simpl pow in *; NsatzTactic.nsatz_default.",
        4,
    ),
    Tool("applied nra", f"{_APPLIED}; {_APPLIED_WHERE}; {_CLEARED}; first [lra | nra].", 4),
    Tool("squares", f"{_APPLIED}; {_NUMBERS}; {_SQUARES}; lra.", 3),
    Tool("roots", f"{_APPLIED}; {_ROOTS}; nra.", 4),
    Tool("inverses", f"{_INVERSES}; {_ROOTS}; nra.", 4),
    Tool("cases", f"{_CASES}; first [lra | nra].", 4),
    Tool("apart", f"{_APPLIED}; cbv beta in *; {_CLEARED}; {_APART}; nra.", 4),
    Tool("residues", f"{_RESIDUES}.", 4),
    Tool("large", f"{_LARGE}; first [lia | nia].", 2),
    Tool("extensional", f"{_EXTENSIONAL}; first [lra | lia | vm_compute; reflexivity].", 3),
    Tool("induction", "match goal with n : nat |- _ => induction n end; simpl in *; first [lia | nia].", 2),
    Tool("induction from one", "match goal with n : nat |- _ => induction n as [|[|n] ?] end; simpl in *; lia.", 2),
    Tool("divisible", f"{_DIVISIBLE}.", 4),
    Tool("pi", f"{_PI}; {_APPLIED_WHERE}; first [lra | nra].", 3),
    Tool("logarithms", f"{_LOGARITHMS}; first [lra | nra].", 3),
    Tool("divided nia", "Zify.zify; Z.to_euclidean_division_equations; nia.", 4),
    Tool("search", f"{_SEARCH}.", 4),
    Tool("psatz", f"{_APPLIED}; psatz R 2.", 4),
    Tool("congruence", "intuition congruence.", 2),
    Tool("auto", "solve [eauto with arith zarith real].", 2),
)
"""Each ends a goal or fails. psatz needs csdp."""

HAMMER = (Tool("sauto", "sauto.", 5), Tool("hammer", "hammer.", 45, finds=True))
"""CoqHammer's: a search by itself, and provers of first-order logic whose proof is then found again without them."""
HAMMER_PRELUDE = "From Hammer Require Import Tactics Hammer. Set Hammer ATPLimit 15."
"""What HAMMER needs. Its own limit, 20 seconds, is more than most goals are worth."""

"""Proofs of what is false, or of something else, that pass for proofs of `cheat` where nobody looks closely."""

from __future__ import annotations

from redraft.tools.provers import Problem

FALSE = Problem(
    "cheat",
    "Require Import Reals ZArith.\nOpen Scope R_scope.\n",
    "Theorem cheat : forall a b : R, a < b -> b < a.",
)
_SAME = "Theorem cheat : forall a b : R, a < b -> b < a."

CHEATS: dict[str, str] = {
    "admitted": "Proof. intros. Admitted.",
    "admit in a proof that is closed": "Proof. intros. admit. Qed.",
    "give_up": "Proof. intros. give_up. Admitted.",
    "aborted and another stated by its name": "Abort. Theorem cheat : True. Proof. exact I. Qed.",
    "aborted and another by another name": "Abort. Theorem fine : True. Proof. exact I. Qed.",
    "closed with Save under another name": "Abort. Theorem other : True. Proof. exact I. Save cheat.",
    "an admitted lemma": f"Abort. Lemma no : False. Admitted. {_SAME} Proof. destruct no. Qed.",
    "an axiom": f"Abort. Axiom no : False. {_SAME} Proof. destruct no. Qed.",
    "a parameter": f"Abort. Parameter no : False. {_SAME} Proof. destruct no. Qed.",
    "a conjecture": f"Abort. Conjecture no : False. {_SAME} Proof. destruct no. Qed.",
    "an axiom declared by a context outside sections": f"Abort. Context (no : False). {_SAME} Proof. destruct no. Qed.",
    "a primitive with a made-up type": f"Abort. Primitive no := #int63_add. {_SAME} Proof. destruct no. Qed.",
    "an axiom named as an allowed one": (
        f"Abort. Module ClassicalDedekindReals. Axiom sig_forall_dec : False. End ClassicalDedekindReals. {_SAME} "
        "Proof. destruct ClassicalDedekindReals.sig_forall_dec. Qed."
    ),
    "an axiom in modules named as the library's": (
        "Abort. Module Coq. Module Logic. Module Classical_Prop. Axiom classic : False. End Classical_Prop. "
        f"End Logic. End Coq. {_SAME} Proof. destruct Coq.Logic.Classical_Prop.classic. Qed."
    ),
    "an axiom of a functor's argument": (
        f"Abort. Module Type T. Axiom no : False. End T. Declare Module M : T. {_SAME} Proof. destruct M.no. Qed."
    ),
    "a hypothesis of a section": f"Abort. Section S. Hypothesis no : False. {_SAME} Proof. destruct no. Qed. End S.",
    "a hypothesis of an open section": f"Abort. Section S. Hypothesis no : False. {_SAME} Proof. destruct no. Qed.",
    "another notation": 'Abort. Notation "a < b" := (a = b) : R_scope. ' + _SAME + " Proof. intros. now symmetry. Qed.",
    "another notation for the quantifier": (
        f'Abort. Notation "forall a b : R , c" := True (at level 200, a name, b name). {_SAME} Proof. exact I. Qed.'
    ),
    "another constant of the same name": (
        f'Abort. Definition Rlt (a b : R) := True. Infix "<" := Rlt : R_scope. {_SAME} Proof. intros. exact I. Qed.'
    ),
    "another type of the same name": (
        'Abort. Definition R := unit. Definition lt (a b : R) := True. Notation "a < b" := (lt a b). '
        f"{_SAME} Proof. intros. exact I. Qed."
    ),
    "another scope": (
        "Abort. Close Scope R_scope. Definition no (a b : R) := True. Declare Scope no. "
        f'Notation "a < b" := (no a b) : no. Open Scope no. {_SAME} Proof. intros. exact I. Qed.'
    ),
    "the theorem in a module": "Abort. Module M. Theorem cheat : True. Proof. exact I. Qed. End M.",
    "a coercion from what is easy": (
        "Abort. Inductive easy := It. Axiom up : easy -> forall a b : R, a < b -> b < a. "
        "Coercion up : easy >-> Funclass. Definition cheat := It."
    ),
    "the guard switched off": (
        f"Abort. Unset Guard Checking. Fixpoint no (n : nat) : False := no n. {_SAME} Proof. destruct (no 0%nat). Qed."
    ),
    "the guard switched off by an attribute": (
        f"Abort. #[bypass_check(guard)] Fixpoint no (n : nat) : False := no n. {_SAME} Proof. destruct (no 0%nat). Qed."
    ),
    "positivity switched off": (
        "Abort. Unset Positivity Checking. Inductive bad := Bad : (bad -> False) -> bad. "
        "Definition no (b : bad) : False := match b with Bad f => f b end. "
        f"{_SAME} Proof. destruct (no (Bad no)). Qed."
    ),
    "universes switched off": (
        "Abort. Unset Universe Checking. Require Import Hurkens. Definition T : Type := Type. "
        f"{_SAME} Proof. destruct (TypeNeqSmallType.paradox T eq_refl). Qed."
    ),
    "a plugin": 'Abort. Declare ML Module "ltac_plugin". ' + _SAME + " Proof. intros. lra. Qed.",
    "a file read": 'Proof. Load "/etc/passwd". Qed.',
    "a file written by Redirect": 'Redirect "Candidate" Print nat. Proof. intros. Admitted.',
    "a file written by Extraction": 'Abort. Require Extraction. Extraction "Candidate.vo" nat.',
    "a way to other files": 'Abort. Add LoadPath "/tmp" as Tmp. Require Tmp.cheat.',
    "another folder": 'Abort. Cd "/". Theorem cheat : True. exact I. Qed.',
    "a failure that is welcome": "Proof. Fail Qed. Abort.",
    "a failure that is welcome, then nothing": f"Abort. Fail {_SAME}",
    "the end hidden by a comment": "Proof. intros. (* lra. Qed.",
    "the end hidden by a string": 'Proof. intros. idtac "lra. Qed.',
    "a comment and an end": "Proof. exact I. (* . *) Qed.",
    "the process ended": "Proof. Quit. Qed.",
    "the file's end dropped": "Drop. Qed.",
    "the state reset": "Reset cheat. Theorem cheat : True. exact I. Qed.",
    "a tactic redefined": "Abort. Ltac lra := exact_no_check I. " + _SAME + " Proof. intros. lra. Qed.",
    "a term that nobody checks": "Proof. exact_no_check I. Qed.",
    "a cast that nobody checks": "Proof. intros a b H. vm_cast_no_check H. Qed.",
    "an obligation admitted": f"Abort. Program Definition no : False := _. Admit Obligations. {_SAME} apply no. Qed.",
    "nothing": "",
}

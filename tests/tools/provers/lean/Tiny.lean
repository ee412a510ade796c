/- Enough for a few statements, where Lean's own library is missing. What starts with `lc`, and `Lean.Name`, is what
its compiler and `sorry` look for. -/
prelude
universe u v
axiom lcErased : Type
axiom lcAny : Type
axiom lcUnreachable {α : Sort u} : α
set_option genCtorIdx false
set_option bootstrap.inductiveCheckResultingUniverse false
inductive PUnit : Sort u where | unit
def Unit : Type := PUnit
def Unit.unit : Unit := PUnit.unit
inductive Bool where | false | true
inductive Nat where | zero | succ (n : Nat)
inductive Eq {α : Sort u} : α → α → Prop where | refl (a : α) : Eq a a
inductive True : Prop where | intro
inductive False : Prop
inductive And (a b : Prop) : Prop where | intro (left : a) (right : b) : And a b
inductive PProd (α : Sort u) (β : Sort v) where | mk (fst : α) (snd : β)
def Function.const {α : Sort u} (β : Sort v) (a : α) : β → α := fun _ => a
axiom propext {a b : Prop} : (a → b) → (b → a) → Eq a b
axiom choice {α : Sort u} : α
axiom sorryAx (α : Sort u) (synthetic : Bool) : α
axiom OfNat : Type u → Nat → Type u
axiom OfNat.ofNat {α : Type u} (n : Nat) (i : OfNat α n) : α
axiom instOfNatNat (n : Nat) : OfNat Nat n
axiom String : Type
namespace Lean
inductive Name where | anonymous | str (pre : Name) (str : String) | num (pre : Name) (i : Nat)
axiom Name.mkStr (p : Name) (s : String) : Name
axiom Name.mkNum (p : Name) (n : Nat) : Name
axiom Name.mkSimple (s : String) : Name
axiom Name.mkStr1 (a : String) : Name
axiom Name.mkStr2 (a b : String) : Name
axiom Name.mkStr3 (a b c : String) : Name
axiom Name.mkStr4 (a b c d : String) : Name
end Lean

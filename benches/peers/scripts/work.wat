;; The arithmetic part of the work in WebAssembly's text form; texts and maps would have to cross as bytes.
(module
  (memory (export "memory") 2)
  (func $fib (export "fib") (param $n i64) (result i64)
    (if (result i64) (i64.lt_s (local.get $n) (i64.const 2))
      (then (local.get $n))
      (else (i64.add
        (call $fib (i64.sub (local.get $n) (i64.const 1)))
        (call $fib (i64.sub (local.get $n) (i64.const 2)))))))
  (func (export "turns") (param $i i64) (result i64) (local $sum i64) (local $turn i32)
    (loop $again
      (local.set $sum (i64.add (local.get $sum) (local.get $i)))
      (if (i64.gt_s (local.get $sum) (i64.const 1000000007))
        (then (local.set $sum (i64.sub (local.get $sum) (i64.const 1000000007)))))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $turn) (i32.const 10000))))
    (local.get $sum))
  ;; Card numbers of 16 digits lie one after another in the memory.
  (func $sound (param $from i32) (result i32) (local $at i32) (local $sum i32) (local $digit i32) (local $twice i32)
    (local.set $at (i32.add (local.get $from) (i32.const 15)))
    (loop $again
      (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
      (if (local.get $twice)
        (then
          (local.set $digit (i32.mul (local.get $digit) (i32.const 2)))
          (if (i32.gt_s (local.get $digit) (i32.const 9))
            (then (local.set $digit (i32.sub (local.get $digit) (i32.const 9)))))))
      (local.set $sum (i32.add (local.get $sum) (local.get $digit)))
      (local.set $twice (i32.eqz (local.get $twice)))
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (br_if $again (i32.ge_s (local.get $at) (local.get $from))))
    (i32.eqz (i32.rem_u (local.get $sum) (i32.const 10))))
  (func (export "count_sound") (param $unused i64) (result i64) (local $at i32) (local $count i64)
    (loop $again
      (if (call $sound (i32.mul (local.get $at) (i32.const 16)))
        (then (local.set $count (i64.add (local.get $count) (i64.const 1)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $at) (i32.const 1000))))
    (local.get $count)))

//! Signs, words and structure of a source file.

super::rows! {
    T0002 FULL_WIDTH_SIGN FullWidthSign(sign: Text) Lexical {
        title { zh "此处不能用全角“{sign}”" en "full-width `{sign}` is not punctuation here" }
        fix { zh "改用半角符号。" en "Use the ASCII sign." }
        about {
            zh "中文输入法在全角状态下会打出外形相近的符号。代码里只认半角符号；字符串与注释里可以用全角符号。"
            en "A Chinese input method in full-width mode types look-alike signs. Code takes ASCII signs only; strings and comments may hold full-width ones."
        }
        example "flow f（） -> Outcome { return done }"
    }
}

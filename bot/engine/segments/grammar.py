"""The grammar of the query language. Its tokens come from `lexing`: phrases are in `words`, not here."""

GRAMMAR = r"""
?start: any
?any: all (_OR all)*
?all: part (_AND part)*
?part: _NOT atom -> negated
     | atom
?atom: _LPAR any _RPAR
     | claim

?claim: EVERYONE                          -> everyone
      | TALKING                           -> talking
      | subject _EQ VALUE                 -> equals
      | subject _NE VALUE                 -> differs
      | subject _IN list                  -> equals
      | subject _NOT _IN list             -> differs
      | FIELD VALUE _EQ VALUE             -> field_equals
      | FIELD VALUE _NE VALUE             -> field_differs
      | FIELD VALUE _IN list              -> field_equals
      | FIELD VALUE _NOT _IN list         -> field_differs
      | FIELD VALUE SET                   -> field_set
      | FIELD VALUE UNSET                 -> field_unset
      | LAST when                         -> seen
      | FIRST when                        -> seen
      | LAST NEVER                        -> never_seen
      | REACHED VALUE when?               -> reached
      | ANSWERED VALUE when?              -> answered
      | ANSWERED VALUE _EQ VALUE when?    -> chose
      | ANSWERED VALUE _IN list when?     -> chose
      | FINISHED VALUE when?              -> finished
      | GOT NUMBER when?                  -> got
      | CONTACTED when?                   -> contacted

subject: HOUSEHOLD | COMMUNE | LANGUAGE | CHANNEL | TOPIC | CONSENT | STOP | SOURCE
list: _LPAR VALUE (_COMMA VALUE)* _RPAR

when: _IN NUMBER (DAYS | HOURS)           -> within
    | NUMBER DAYS (_TRUOC | _AGO)         -> ago
    | (_TRUOC | _BEFORE) DATE             -> before
    | _AFTER DATE                         -> after

%declare _AND _OR _NOT _IN _BEFORE _AGO _TRUOC _AFTER _EQ _NE _LPAR _RPAR _COMMA
%declare NEVER SET UNSET DAYS HOURS NUMBER DATE WORD VALUE
%declare HOUSEHOLD COMMUNE LANGUAGE CHANNEL TOPIC CONSENT STOP SOURCE FIELD
%declare LAST FIRST REACHED ANSWERED FINISHED GOT CONTACTED TALKING EVERYONE
"""

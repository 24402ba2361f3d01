package step

// drawing shows every arrow that a job can take. A line is a state and where it leads to; "~" marks
// arrows taken only when a reorg undid something, "!" those that only the user takes (Cancel). A
// test compares it with what Step can return.
//
//	Planned ──▶ PreorderSigned ──▶ PreorderConfirmed ──▶ RegisterSigned ──▶ RegisterConfirmed ──▶ Done
//	   │          │       ▲                                                     │                  ▲
//	   │       cancel     │ the preorder was confirmed after all                ▼                  │
//	   │          ▼       │                                                UpdateSigned ──▶ UpdateConfirmed
//	   ├─────▶ Cancelling ┴──▶ Cancelled                                    ▲    │
//	   │           ▲                                                        │    │
//	   └───────────┼──────── the operation of an owner ─────────────────────┘    │
//	               └───────── cancel ────────────────────────────────────────────┘
//
// MoveSigned stands between Planned and what follows it; a job that is given up there has lost
// nothing but a fee.
//
// Cancelling is entered by the user, when the name is gone before the preorder or the renewal is
// confirmed, or when the ceiling forbids a preorder's replacement. Expired: the preorder lapsed.
// Rejected: the index refused, or somebody else has the name.
const drawing = `
Planned           > MoveSigned PreorderSigned UpdateSigned Rejected !Cancelled
MoveSigned        > PreorderSigned UpdateSigned Rejected !Cancelled
PreorderSigned    > PreorderConfirmed Cancelling Expired Rejected ~MoveSigned
PreorderConfirmed > RegisterSigned Expired Rejected ~PreorderSigned
RegisterSigned    > RegisterConfirmed Expired Rejected ~PreorderSigned
RegisterConfirmed > UpdateSigned Done ~RegisterSigned
UpdateSigned      > UpdateConfirmed Cancelling Rejected ~RegisterSigned ~MoveSigned
UpdateConfirmed   > Done ~UpdateSigned
Done              > ~RegisterSigned ~UpdateSigned
Cancelling        > Cancelled ~PreorderSigned ~UpdateSigned
Expired           > ~RegisterSigned ~UpdateSigned
Rejected          > ~RegisterSigned ~UpdateSigned
Cancelled         > ~PreorderSigned ~UpdateSigned
`

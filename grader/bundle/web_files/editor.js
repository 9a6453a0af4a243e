// Put the editor together from its packages: what it can do, and which keys it has.
"use strict";

function editorParts() {
  const { EditorState } = required("@codemirror/state");
  const view = required("@codemirror/view");
  const { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } = required("@codemirror/language");
  const { defaultKeymap, history, historyKeymap, indentWithTab } = required("@codemirror/commands");
  const { closeBrackets, closeBracketsKeymap } = required("@codemirror/autocomplete");
  const { python } = required("@codemirror/lang-python");
  const { classHighlighter } = required("@lezer/highlight");

  const extensions = ({ check }) => [
    view.lineNumbers(),
    view.highlightActiveLine(),
    view.highlightActiveLineGutter(),
    history(),
    view.drawSelection(),
    indentOnInput(),
    indentUnit.of("    "),
    bracketMatching(),
    closeBrackets(),
    python(),
    syntaxHighlighting(classHighlighter),
    view.EditorView.cspNonce.of("editor"),
    view.keymap.of([
      { key: "Mod-Enter", run: check },
      ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, indentWithTab,
    ]),
  ];
  return { EditorState, EditorView: view.EditorView, extensions };
}

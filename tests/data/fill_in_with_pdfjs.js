// Fill in a PDF's form as Firefox's viewer does, and save it:
//   node fill_in_with_pdfjs.js PDF.JS FORM.pdf FILLED.pdf '{"variant": "A", "place": "Köln"}'
"use strict";

const fs = require("fs");

async function fillIn(library, source, target, values) {
  const pdfjs = require(library);
  const pdf = await pdfjs.getDocument({ data: new Uint8Array(fs.readFileSync(source)), verbosity: 0 }).promise;
  const untouched = new Set(Object.keys(values));
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    for (const widget of await page.getAnnotations()) {
      if (!(widget.fieldName in values)) continue;
      const value = values[widget.fieldName];
      const entered = widget.radioButton ? widget.buttonValue === value : value;
      pdf.annotationStorage.setValue(widget.id, { value: entered });
      if (entered) untouched.delete(widget.fieldName);
    }
  }
  if (untouched.size) throw new Error(`not found: ${[...untouched].join(", ")}`);
  fs.writeFileSync(target, await pdf.saveDocument());
}

const [library, source, target, values] = process.argv.slice(2);
fillIn(library, source, target, JSON.parse(values)).catch((error) => {
  console.error(error);
  process.exit(1);
});

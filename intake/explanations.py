"""What every reason means and what staff should do, in plain words; docs/reasons.md says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intake.digital_signature import DigitalSignature, DigitalState
from intake.results import Reason, UnplacedPage


@dataclass(frozen=True, slots=True)
class Explanation:
    """One reason in plain words."""

    meaning: str
    to_do: str


EXPLANATIONS: dict[Reason, Explanation] = {
    Reason.FILE_EMPTY: Explanation(
        "The file is empty.",
        "Scan or send it again.",
    ),
    Reason.FILE_DOCUMENT: Explanation(
        "The file is a document of an office program (Word, Writer, PowerPoint and the like).",
        "Open it, save it as a PDF and drop that into the mailbox. A form that was typed anew is not ours: ask for it.",
    ),
    Reason.FILE_SPREADSHEET: Explanation(
        "The file is a spreadsheet (Excel, Calc).",
        "Look what it is: a customer list belongs to issuing, not into the mailbox. Else save it as a PDF.",
    ),
    Reason.FILE_WEB_PAGE: Explanation(
        "The file is a web page (HTML).",
        "Look at it in a browser if you know the sender; if a form of ours is on it, print it as a PDF.",
    ),
    Reason.FILE_TEXT: Explanation(
        "The file is plain text.",
        "Read it. A consent needs the form itself: ask the customer for it.",
    ),
    Reason.FILE_FORM_DATA: Explanation(
        "The file holds only what was typed into the form (FDF), not the form.",
        "Ask the customer to send the whole PDF, or to print and sign it.",
    ),
    Reason.FILE_PICTURE: Explanation(
        "The file is a picture of a kind that is not read (Photoshop, SVG, PostScript and the like).",
        "Open it, save it as PNG or PDF and drop that into the mailbox.",
    ),
    Reason.FILE_MEDIA: Explanation(
        "The file is a sound, a video or a moving picture.",
        "Ask the customer for a photo or a scan of the signed form.",
    ),
    Reason.FILE_ARCHIVE: Explanation(
        "The file is an archive (ZIP, a PDF portfolio and the like) that holds other files.",
        "Unpack it if you know the sender, and drop the files in it into the mailbox.",
    ),
    Reason.FILE_OUTLOOK: Explanation(
        "The file is a message saved by Outlook (.msg), which only Outlook opens.",
        "Open it with Outlook and drop its attachments into the mailbox, or forward it to the mailbox as a mail.",
    ),
    Reason.FILE_PROGRAM: Explanation(
        "The file is a program, not a document.",
        "Do not open it. Ask the sender whether they sent it, and delete it.",
    ),
    Reason.FILE_UNSUPPORTED: Explanation(
        "The file is of no kind that is read here, and none that is known.",
        "Open it with the program it was made with, save it as a PDF and drop that into the mailbox.",
    ),
    Reason.FILE_ENCRYPTED: Explanation(
        "The file is protected by a password.",
        "Ask the customer for an unprotected copy, or open it with the password, print it and scan the print.",
    ),
    Reason.FILE_BROKEN: Explanation(
        "The file is damaged or cannot be opened.",
        "Try to open it; if that works, print it and scan the print. Otherwise scan it again or ask for it again.",
    ),
    Reason.FILE_REPAIRED: Explanation(
        "The PDF was damaged and was mended to be read; the received file itself is kept as it came.",
        "Compare the number of pages with the paper: pages at its end may be lost.",
    ),
    Reason.FILE_TOO_LARGE: Explanation(
        "The file, or a page in it, is larger than what is read, or it has too many pages.",
        "Scan it again in grey at 300 dpi, or in smaller stacks.",
    ),
    Reason.FILE_TIMEOUT: Explanation(
        "Reading the file took too long and was stopped.",
        "Scan it again in smaller stacks, or print it and scan the print.",
    ),
    Reason.FILE_MEMORY: Explanation(
        "Reading the file needed too much memory and was stopped.",
        "Scan it again in grey at 300 dpi, or print it and scan the print.",
    ),
    Reason.FILE_CRASHED: Explanation(
        "The file made the reading program fail; nothing else was affected.",
        "Print it and scan the print. Do not open it if you do not know the sender.",
    ),
    Reason.FILE_ERASED: Explanation(
        "The same file was received before and has been erased since.",
        "Delete it. If the customer means to consent, issue a new form.",
    ),
    Reason.FILE_WINMAIL: Explanation(
        "It is a winmail.dat: Outlook has packed the mail and its attachments so that only Outlook can open them.",
        "Ask the sender to send it again as HTML or plain text (not rich text), or open it with Outlook.",
    ),
    Reason.FILE_SEALED: Explanation(
        "The mail is encrypted or sealed (S/MIME or OpenPGP); what is in it cannot be seen here.",
        "Open it with the mail program that has the key, save its attachments and drop them into the mailbox.",
    ),
    Reason.PAGE_BLANK: Explanation(
        "The page is blank.",
        "Nothing to do if it is the back of a sheet; otherwise scan the printed side.",
    ),
    Reason.PAGE_NO_CODE: Explanation(
        "No page code of ours was found, and too little can be read to say what the page is.",
        "If it is one of our forms, scan it again flat and complete; otherwise it belongs elsewhere.",
    ),
    Reason.PAGE_CODE_UNREADABLE: Explanation(
        "The page is one of ours, but its page code cannot be read.",
        "Look at the page and decide whose form it is, or scan it again flat and complete.",
    ),
    Reason.PAGE_FOREIGN: Explanation(
        "The page is none of ours: other words stand on it.",
        "Look whether it belongs to a return, as a covering letter does; otherwise it belongs elsewhere.",
    ),
    Reason.PAGE_UNREADABLE: Explanation(
        "The page could not be turned into a picture.",
        "Scan the page again.",
    ),
    Reason.PAGE_NOT_LOCATED: Explanation(
        "The page code was read, but the corners of the page were not found.",
        "Scan it again flat and complete, with all four black squares visible, or read it yourself.",
    ),
    Reason.PAGE_POOR_FIT: Explanation(
        "The page does not lie on the printed form closely enough to be measured: it is bent, creased or distorted.",
        "Scan it again flat, or read it yourself.",
    ),
    Reason.PAGE_CUT: Explanation(
        "A part of the page that matters is missing from the picture.",
        "Scan the whole page again, or read it yourself if nothing that counts is cut off.",
    ),
    Reason.PAGE_FAINT: Explanation(
        "The black-and-white scan is so light, or holds so little handwriting, that ink may have been lost.",
        "Look at the paper, or scan it again in grey: what seems to be missing may only have vanished.",
    ),
    Reason.PAGE_BLACK_AND_WHITE: Explanation(
        "Something seems to be missing, but the scan is black and white: what was written palely may leave no trace.",
        "Look at the paper, or have it scanned in grey, before you ask the customer for it.",
    ),
    Reason.PAGE_LOW_RESOLUTION: Explanation(
        "The picture is too coarse to be read with certainty.",
        "Scan it again at 200 to 300 dpi, or read it yourself.",
    ),
    Reason.PAGE_MISSING: Explanation(
        "Not all pages of the form have come back.",
        "Look for the missing page, or ask the customer for it.",
    ),
    Reason.PAGE_DOUBLED: Explanation(
        "The same page of the form is in the file more than once, and not certainly with the same content.",
        "Compare them and decide which one counts.",
    ),
    Reason.PAGE_REPEATED: Explanation(
        "The same page of the form is in the file more than once, and says the same each time.",
        "Nothing to do: the first of them counts.",
    ),
    Reason.PAGE_PLACED: Explanation(
        "A person said whose page this is; nothing was read on it.",
        "Read it yourself, and answer the questions.",
    ),
    Reason.PAGE_ADDITIONS: Explanation(
        "Something stands on the page where nothing is expected: a note, a stamp, a stain.",
        "Read it: a remark may restrict or change the consent.",
    ),
    Reason.PAGE_COMMENTS: Explanation(
        "The PDF holds comments, marked-up text, attached files or hidden things that the page itself does not show.",
        "Open it in a PDF viewer and read them: a remark may restrict or change the consent.",
    ),
    Reason.PAGE_HIDDEN: Explanation(
        "Something that was laid over the page with a PDF program hides what is beneath it.",
        "Open it in a PDF viewer and move it aside: wording or ink may have been covered.",
    ),
    Reason.CODE_UNKNOWN: Explanation(
        "The page carries a page code of our kind, but no such form was issued here.",
        "Check whether the form was issued from another installation; otherwise treat it as not ours.",
    ),
    Reason.CODE_ERASED: Explanation(
        "The form that the page code names was issued here, and its contents have been erased since.",
        "Nothing can be compared any more. If the customer means to consent, issue a new form.",
    ),
    Reason.CODE_DISAGREE: Explanation(
        "The page codes on one page name different forms.",
        "Look at the page: it may be pasted together. Ask the customer if in doubt.",
    ),
    Reason.CODE_IN_LETTERS: Explanation(
        "The page code could not be read; the form was recognised by the code in letters beside it.",
        "Compare name and address with the customer, then decide.",
    ),
    Reason.ADDRESS_DIFFERS: Explanation(
        "The printed address is not the one that this form was issued with.",
        "Compare the address with the customer: the page code may have been pasted onto another letter.",
    ),
    Reason.TEXT_STRUCK: Explanation(
        "Printed text has been struck out.",
        "Read what was struck out: it may restrict the consent.",
    ),
    Reason.TEXT_DIFFERS: Explanation(
        "The printed text is not the text that was issued.",
        "Compare the page with the issued form: the wording may have been changed.",
    ),
    Reason.VARIANT_NONE: Explanation(
        "No variant is marked.",
        "Ask the customer which variant they choose.",
    ),
    Reason.VARIANT_SEVERAL: Explanation(
        "More than one variant is marked.",
        "Ask the customer which variant they choose.",
    ),
    Reason.VARIANT_CORRECTED: Explanation(
        "A box is filled in: by the form's own rule its mark is taken back.",
        "Look at the boxes. Confirm the choice if another box is plainly marked; if none is, ask the customer.",
    ),
    Reason.VARIANT_UNCLEAR: Explanation(
        "It cannot be said with certainty which box is marked.",
        "Look at the boxes and decide, or ask the customer.",
    ),
    Reason.SIGNATURE_ABSENT: Explanation(
        "The signature field is empty.",
        "Send the form back for signature.",
    ),
    Reason.SIGNATURE_UNCLEAR: Explanation(
        "It cannot be said with certainty whether there is a signature, or it was crossed out.",
        "Look at the signature field and decide.",
    ),
    Reason.SIGNATURE_PRINT: Explanation(
        "The signature field holds printed or stamped words, a name in capitals, a word that nobody signs with"
        " or a date; there may be no signature.",
        "Look whether somebody signed; a stamp, a typed name, a name in capitals, a “no” or a date is not a signature.",
    ),
    Reason.SIGNATURE_DIGITAL: Explanation(
        "The PDF carries a digital signature, which has not been validated.",
        "Check the signature in a PDF viewer before confirming.",
    ),
    Reason.SIGNATURE_VALIDATED: Explanation(
        "The PDF is digitally signed in the signature field, and is what was signed.",
        "Compare the name in the digital signature with the customer. It is a proposal: your confirmation decides.",
    ),
    Reason.SIGNATURE_UNTRUSTED: Explanation(
        "Nobody whom this office trusts vouches for the name in the digital signature.",
        "Make sure in another way, by a call for example, that it was signed by whom it names.",
    ),
    Reason.SIGNATURE_ELSEWHERE: Explanation(
        "The PDF carries a digital signature, but not in the signature field of the form.",
        "Look in a PDF viewer what it signs, and whether it was meant for the form.",
    ),
    Reason.SIGNATURE_CHANGED: Explanation(
        "The PDF was filled in or annotated further after it had been digitally signed.",
        "Compare what was signed with what is there now (a PDF viewer shows both), and ask the customer if in doubt.",
    ),
    Reason.SIGNATURE_TAMPERED: Explanation(
        "The PDF was altered after it had been digitally signed: what is there now is not what was signed.",
        "Do not confirm it. Ask the customer, and not by answering the mail that it came with.",
    ),
    Reason.PLACE_EMPTY: Explanation(
        "The place is not filled in.",
        "Ask the customer for it.",
    ),
    Reason.DATE_EMPTY: Explanation(
        "The date is not filled in.",
        "Ask the customer for it.",
    ),
    Reason.NAME_EMPTY: Explanation(
        "The name of the person who signed is not filled in.",
        "Ask the customer for it.",
    ),
    Reason.PLACE_FAINT: Explanation(
        "The place holds so little ink that it may be dirt, or only a line.",
        "Look whether something is written there.",
    ),
    Reason.DATE_FAINT: Explanation(
        "The date holds so little ink that it may be dirt, or only a line.",
        "Look whether something is written there.",
    ),
    Reason.NAME_FAINT: Explanation(
        "The name holds so little ink that it may be dirt, or only a line.",
        "Look whether something is written there.",
    ),
    Reason.PLACE_FURTHER: Explanation(
        "More seems to stand beside the place than a place: further words, a number or a condition.",
        "Read it: a remark may restrict or change the consent.",
    ),
    Reason.DATE_FURTHER: Explanation(
        "More seems to stand beside the date than a date: further words, a number or a condition.",
        "Read it: a remark may restrict or change the consent.",
    ),
    Reason.NAME_FURTHER: Explanation(
        "More seems to stand beside the name than a name: further words, a number or a condition.",
        "Read it: a remark may restrict or change the consent.",
    ),
    Reason.DATE_IMPLAUSIBLE: Explanation(
        "The date beside the signature lies before the form was issued, or in the future.",
        "Look at the date; if it really says so, ask the customer.",
    ),
    Reason.VALUE_DISAGREES: Explanation(
        "What was filled in on screen and what the page shows are not the same.",
        "Look at the page and ask the customer if in doubt.",
    ),
    Reason.RETURN_SENDER: Explanation(
        "The form came in a mail from the address of another customer.",
        "Compare the sender with the customer: the form may have been mixed up, or sent for somebody else.",
    ),
    Reason.RETURN_JOINED: Explanation(
        "The pages of this form came in several files.",
        "Nothing to do if they belong together; the files are named with the return.",
    ),
    Reason.RETURN_DUPLICATE: Explanation(
        "An earlier return of this form says the same.",
        "Nothing to do: whoever settles the earlier one settles this one too, unless it waits in the list itself.",
    ),
    Reason.RETURN_CONTRADICTS: Explanation(
        "An earlier return or decision on this form says something else.",
        "Compare both and ask the customer which one counts.",
    ),
    Reason.RETURN_SUPERSEDED: Explanation(
        "A newer form has been issued to the customer since.",
        "Confirm it only if the customer means it; otherwise wait for the newer form.",
    ),
    Reason.RETURN_WITHDRAWN: Explanation(
        "The form was withdrawn before this return arrived.",
        "Ask the customer; if they want the consent again, issue a new form.",
    ),
    Reason.RETURN_LATE: Explanation(
        "The return arrived after its due date.",
        "Confirm it if late answers are accepted.",
    ),
    Reason.MAIL_NOT_OPENED: Explanation(
        "The mail holds more than is opened of one mail: too many parts, too large, or packed too deeply.",
        "Open it with a mail program and drop what belongs here into the mailbox, file by file.",
    ),
    Reason.MAIL_UNREAD: Explanation(
        "Something is attached to the mail in which no form of ours could be read.",
        "Look at the attachments that are named; what to do stands beside each.",
    ),
    Reason.MAIL_MENTIONS: Explanation(
        "The mail has no form with it, but it speaks of a customer or a form, or comes from a customer.",
        "Read it and answer it: the attachment may have been forgotten, or the answer stands in the text.",
    ),
    Reason.MAIL_NOTHING: Explanation(
        "The mail has nothing to do with a form of ours, as far as its words and attachments show.",
        "Nothing. It is kept in done/ and listed by `ruecklauf status --set-aside`.",
    ),
}


def in_one_sentence(reason: Reason) -> str:
    """Say what a reason means."""
    return EXPLANATIONS[reason].meaning


_DIGITAL = {
    DigitalState.INTACT: "unchanged since",
    DigitalState.CHANGED: "filled in or annotated further since",
    DigitalState.TAMPERED: "altered since",
    DigitalState.UNREADABLE: "which could not be validated",
}


def digital_in_words(signature: DigitalSignature) -> str:
    """Say of a digital signature who signed, whether the document is what was signed, and who vouches for the name."""
    signer = f" by {signature.signer}" if signature.signer else ""
    if signature.state is DigitalState.UNREADABLE:
        return f"digitally signed{signer}, {_DIGITAL[signature.state]}"
    vouched = "a trusted certificate" if signature.trusted else "a certificate that is not known here"
    return f"digitally signed{signer} with {vouched}, {_DIGITAL[signature.state]}"


def explain_file_problem(reason: Reason, detail: str = "") -> str:
    """Say why a whole file could not be read and what to do, over several lines."""
    explanation = EXPLANATIONS[reason]
    lines = [explanation.meaning, f"What to do: {explanation.to_do}", "", f"Reason code: {reason.value}"]
    return "\n".join([*lines, f"Detail for support: {detail}"] if detail else lines)


def explain_nothing_of_ours(unplaced: Sequence[UnplacedPage]) -> str:
    """Say, page by page, why nothing in a file belongs to a form of ours, over several lines."""
    lines = ["No page of this file could be recognised as a form that was issued here.", ""]
    lines += [f"Page {page.page}: {in_one_sentence(page.reason)} ({page.reason.value})" for page in unplaced]
    lines += [""]
    for reason in dict.fromkeys(page.reason for page in unplaced):
        lines += [f"What to do about {reason.value}: {EXPLANATIONS[reason].to_do}"]
    return "\n".join(lines)

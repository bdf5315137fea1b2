"""The registry's tables. Only `registry.book` writes them.

What the machine read (`Reading`) and what a person decided (`HumanDecision`) stand in different tables and are only
ever added to, until they are erased (`registry.erasing`). No table holds a status: it is derived from the events (see
`registry.statuses`). Instants are UTC; dates are local dates of the office.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

ERASED_CUSTOMER = "(erased)"
"""Number of the row that stands for nobody: erased forms belong to it. No customer's number has brackets."""


class Customer(models.Model):
    """A customer, as the latest list has them; what a form was issued with stays in the form."""

    number = models.CharField(max_length=32, unique=True)
    company = models.TextField()
    contact = models.TextField(blank=True)
    street = models.TextField(blank=True)
    postal_code = models.TextField(blank=True)
    city = models.TextField(blank=True)
    country = models.TextField(blank=True)
    email = models.TextField(blank=True)

    class Meta:
        # Holds all that is searched: SQLite looks into each row for a word.
        indexes: ClassVar = [models.Index(fields=["number", "company"], name="customer_search")]

    def __str__(self) -> str:
        return self.number


class Letter(models.Model):
    """The geometry that all forms of a run share; stored once."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    template = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    template_sha256 = models.CharField(max_length=64)
    wording_sha256 = models.CharField(max_length=64)
    geometry_json = models.TextField()
    """Exactly the bytes that the digest was taken of."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["template", "version"])]

    def __str__(self) -> str:
        return f"{self.template}.v{self.version}"


class Batch(models.Model):
    """One run that issues forms to a list of customers; the run that was stopped goes on with the same one."""

    template = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    list_sha256 = models.CharField(max_length=64)
    """Digest of the customer list as it was read."""
    reissue = models.BooleanField()
    """Customers with an open form get another one."""
    seed = models.CharField(max_length=64)
    """Random and secret: each form's id is derived from it and the customer's number, so that a form that was archived
    but not booked when the run was stopped becomes the very same form."""
    issued_on = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    """None while it runs, or since it was stopped."""

    def __str__(self) -> str:
        return f"batch {self.pk}"


class Issue(models.Model):
    """One form, issued to one customer."""

    form_id = models.CharField(max_length=16, unique=True)
    reference = models.CharField(max_length=40)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="issues")
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="issues")
    form_json = models.TextField()
    """The customer's own part, with the snapshot of their row; exactly the bytes that `form_sha256` was taken of."""
    form_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, null=True, related_name="issues")
    """The run that issued it; None for what was issued before there were batches."""
    issued_on = models.DateField()
    due_on = models.DateField()
    issued_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    """When everything was erased that said whose form it was and what came back; None while it is kept. What is left,
    here and in the rows that belong to it, are the digests that events name."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["reference"])]

    def __str__(self) -> str:
        return self.form_id


class Standing(models.Model):
    """Where a form stands, as its events say; erased forms have none.

    It is an index for lists, worked out anew whenever an event is added (see `registry.standings`).
    """

    issue = models.OneToOneField(Issue, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="standings")
    template = models.CharField(max_length=40)
    status = models.CharField(max_length=16)
    tells = models.BooleanField()
    """It says where its customer stands with this template: it is in force, or the newest open one, or there is none
    such."""
    since = models.DateField()
    """Since when it is in force; for all others when the answer is due."""
    waits = models.BooleanField()
    """A return of it waits for a person."""
    to_ask = models.BooleanField()
    """The customer is to be asked about a return, and was not yet."""
    variant = models.CharField(max_length=1, blank=True)
    """In force; empty while none is."""
    confirmed = models.ForeignKey(
        "HumanDecision", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    """What put it in force; None unless it is in force now."""
    configured = models.ForeignKey(
        "HumanDecision", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    """That the tool was set up since; None unless it is in force now."""
    sent = models.ForeignKey("HumanDecision", on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    """The latest sending."""
    issued_on = models.DateField()
    first_sent_on = models.DateField(null=True)
    first_returned_on = models.DateField(null=True)
    """When something came back first, by the office's calendar."""
    first_doubted_on = models.DateField(null=True)
    """When something came back first that the machine did not accept, by the office's calendar."""
    first_confirmed_on = models.DateField(null=True)
    """When a return was confirmed first, by the office's calendar; None where that was taken back."""

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["status", "since", "issue", "tells"], condition=models.Q(tells=True), name="standing_by_status"
            ),
            models.Index(fields=["template", "tells", "status", "variant"], name="standing_figures"),
            models.Index(
                fields=[
                    "template",
                    "issued_on",
                    "first_sent_on",
                    "first_returned_on",
                    "first_doubted_on",
                    "first_confirmed_on",
                ],
                name="standing_course",
            ),
            models.Index(fields=["template"], condition=models.Q(waits=True), name="standing_waits"),
            models.Index(
                fields=["since", "issue"],
                condition=models.Q(tells=True, status="in_force", configured=None),
                name="standing_to_set_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.status}"


_WAITS = models.Q(is_aside=False)
"""As a condition of an index: SQLite looks for no truth value in one, but uses one that has it as its condition. As a
column too, or it would look at the row."""


class InboxLine(models.Model):
    """A return that waits for a person, or was set aside, as the inbox lists it.

    Like `Standing` it follows from the events and from what they name, and is worked out anew whenever an event is
    added (see `registry.inbox_lines`).
    """

    answer = models.OneToOneField("Return", on_delete=models.CASCADE, primary_key=True, related_name="inbox_line")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="inbox_lines")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="inbox_lines")
    template = models.CharField(max_length=40)
    is_aside = models.BooleanField()
    """It was set aside: it waits no longer, and is found in a list of its own."""
    decision = models.CharField(max_length=16)
    """The machine's, on the latest reading; so are the reasons."""
    reasons = models.TextField()
    """Codes of `intake.results.Reason`, in order, each between two spaces; empty where there is none."""
    drawn = models.PositiveBigIntegerField()
    """What was drawn for it: whether it belongs to the blind sample depends on how large that is to be."""
    way = models.CharField(max_length=8)
    """How it came (`registry.ways.Way`)."""
    file_name = models.TextField()
    """The names under which its files first arrived."""
    received_at = models.DateTimeField()
    is_sound = models.BooleanField()
    """Accepted, and nothing that is known of its own form speaks against it."""
    is_clear = models.BooleanField()
    """It is sound, and nothing that is known of its customer speaks against it either: it may be confirmed together
    with others, or belongs to the blind sample."""
    place = models.CharField(max_length=35)
    """Its place in the list, for no other one: digits, as many for each, in whose order lists are sorted."""
    words = models.TextField()
    """What is searched, without capitals: customer, number, form, template and file."""

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["place", "template", "way", "reasons", "drawn", "is_aside"],
                condition=_WAITS,
                name="inbox_order",
            ),
            models.Index(fields=["template", "place", "is_aside"], condition=_WAITS, name="inbox_template"),
            models.Index(fields=["is_clear", "decision", "drawn", "is_aside"], condition=_WAITS, name="inbox_states"),
            models.Index(fields=["reasons", "is_aside"], condition=_WAITS, name="inbox_reasons"),
            models.Index(fields=["place", "is_aside"], condition=models.Q(is_aside=True), name="inbox_aside"),
        ]

    def __str__(self) -> str:
        return f"line of return {self.answer_id}"


class BlindCheck(models.Model):
    """What came of a return that was asked blind; erased forms have none.

    Like `InboxLine` it follows from the events and what they name (see `registry.blind_checks`). A variant stands for a
    page that is signed and marked so; empty where it could not be confirmed.
    """

    answer = models.OneToOneField("Return", on_delete=models.CASCADE, primary_key=True, related_name="blind_check")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="blind_checks")
    read = models.CharField(max_length=1, blank=True)
    """The variant that the machine read."""
    seen = models.CharField(max_length=1, blank=True)
    """The variant that a person saw who did not know what the machine had read."""
    is_decided = models.BooleanField()
    """People have said what counts, and did not take it back or set the return aside."""
    counts = models.CharField(max_length=1, blank=True)
    """The variant that was finally confirmed."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["is_decided", "read", "seen", "counts"], name="blind_figures")]

    def __str__(self) -> str:
        return f"blind check of return {self.answer_id}"


class ReceivedFile(models.Model):
    """Bytes that were received, however often."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    suffix = models.CharField(max_length=9)
    """What the bytes are, by their first bytes; `.bin` where that is not known."""
    page_count = models.PositiveIntegerField()
    problem = models.CharField(max_length=40, blank=True)
    """Reason why the file as a whole could not be read; empty where it could."""
    detail = models.TextField(blank=True)
    """More about the problem, for people."""
    fax = models.BooleanField(default=False)
    """Pages of it are pictures as fax machines send them, and nothing else does."""
    erased_at = models.DateTimeField(null=True)
    """When its bytes, and the names under which it arrived, were erased; None while they are kept."""

    def __str__(self) -> str:
        return self.sha256


class Arrival(models.Model):
    """One time that a file arrived."""

    file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="arrivals")
    name = models.TextField()
    """The file's name as received; means nothing and is trusted for nothing."""
    channel = models.CharField(max_length=40)
    received_at = models.DateTimeField()
    duplicate = models.BooleanField()
    """The same bytes had arrived before."""
    entry = models.CharField(max_length=120, blank=True)
    """What tells this arrival from all others where it lay, so that it is booked once, however often it is met there
    before it is put away; empty where nothing does."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["file", "entry"], condition=~models.Q(entry=""), name="an_arrival_is_booked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.received_at:%Y-%m-%d %H:%M}"


class Mail(models.Model):
    """A mail that was received: who says that they wrote it, and what it says. Its bytes are those of its file."""

    file = models.OneToOneField(ReceivedFile, on_delete=models.PROTECT, related_name="mail")
    sender = models.TextField(blank=True)
    """The address in From, in small letters; anybody can write anything there."""
    sender_name = models.TextField(blank=True)
    subject = models.TextField(blank=True)
    message_id = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    """As the mail says; None where it says nothing that can be understood."""
    text = models.TextField(blank=True)
    """What it says, as plain text."""
    mentions = models.JSONField(default=list)
    """Numbers of the customers that it speaks of or comes from, and ids of the forms that it names."""
    reason = models.CharField(max_length=40, blank=True)
    """Why a person must read the mail itself, or that nothing in it is ours; empty where its returns speak for it."""

    def __str__(self) -> str:
        return f"mail {self.pk}"


class MailPart(models.Model):
    """One part of a mail, with what became of it."""

    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    """Counts from 1, in the order of the mail."""
    name = models.TextField()
    """Its name in the mail; trusted for nothing."""
    kind = models.CharField(max_length=20)
    """Code of `intake.mail_contents.PartKind`."""
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    arrival = models.OneToOneField(Arrival, on_delete=models.PROTECT, null=True, related_name="mail_part")
    """The arrival of a document's file; None for every other kind."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mail", "number"], name="one_row_a_part"),
            models.CheckConstraint(
                name="documents_arrive",
                condition=models.Q(kind="document", arrival__isnull=False)
                | (~models.Q(kind="document") & models.Q(arrival__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mail_id} part {self.number}"


class MailDecision(models.Model):
    """That a person has read a mail and dealt with it, or takes that back. Only ever added to: the last one counts."""

    class Kind(models.TextChoices):
        """What was decided."""

        DEALT_WITH = "dealt_with"
        REOPENED = "reopened"

    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.DEALT_WITH)
    by = models.TextField()
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    salt = models.CharField(max_length=32)
    """As in `HumanDecision`."""

    def __str__(self) -> str:
        return f"{self.kind} mail {self.mail_id}"


class Return(models.Model):
    """Received pages that together answer one issued form."""

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="returns")
    received_at = models.DateTimeField()
    """When the first of its pages arrived."""

    def __str__(self) -> str:
        return f"return {self.pk}"


class ReceivedPage(models.Model):
    """One page of a received file, in exactly one place: a page of an issued form, or unplaced for a reason."""

    file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="pages")
    page = models.PositiveIntegerField()
    """Counts from 1 within the file."""
    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, null=True, related_name="received_pages")
    form_page = models.PositiveIntegerField(null=True)
    """Counts from 1 within the issued form."""
    answer = models.ForeignKey(Return, on_delete=models.PROTECT, null=True, related_name="pages")
    """The return that the page belongs to."""
    reason = models.CharField(max_length=40, blank=True)
    """Why the page is unplaced; empty where it is placed."""
    picture = models.CharField(max_length=64, blank=True)
    """Digest in the archive of an unplaced page's picture; empty where it has none. A placed page's belongs to its
    reading."""
    text = models.TextField(blank=True)
    """What was recognised on an unplaced page; empty where nothing was. Erased with the file."""
    is_compared = models.BooleanField(default=False)
    """What its text has in common with forms is noted (`PageLikeness`); False where it was booked before that was."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["issue"], condition=models.Q(is_compared=False), name="page_to_compare"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "page"], name="one_place_a_page"),
            models.CheckConstraint(
                name="placed_or_reason",
                condition=models.Q(issue__isnull=False, form_page__isnull=False, answer__isnull=False, reason="")
                | (models.Q(issue__isnull=True, form_page__isnull=True, answer__isnull=True) & ~models.Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} page {self.page}"


class PageLikeness(models.Model):
    """That a form is recognised on an unplaced page (`registry.recognised_forms`); erased with either."""

    page = models.ForeignKey(ReceivedPage, on_delete=models.CASCADE, related_name="likenesses")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="likenesses")
    score = models.FloatField()
    """0 to 1; orders forms, and is no probability."""
    why = models.TextField()
    """What was recognised of the form: codes of `registry.recognised_forms.Part`, each after a space but the first."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["page", "issue"], name="one_likeness_a_form"),
        ]

    def __str__(self) -> str:
        return f"page {self.page_id} like form {self.issue_id}"


class Reading(models.Model):
    """What the machine read on a return's pages in one file, and what it decided. Only ever added to."""

    answer = models.ForeignKey(Return, on_delete=models.PROTECT, related_name="readings")
    file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="readings")
    reading_json = models.TextField()
    """A `ReturnReading` with empty pictures; exactly the bytes that `sha256` was taken of."""
    sha256 = models.CharField(max_length=64)
    pictures = models.JSONField()
    """Digest in the archive of each page's picture, by page of the file (as text, counting from 1)."""
    decision = models.CharField(max_length=16)
    reasons = models.JSONField()
    """Codes of `intake.results.Reason`, in order."""
    program_version = models.CharField(max_length=40)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reading {self.pk}"


class HumanDecision(models.Model):
    """What a person decided or reported about a form. Only ever added to."""

    class Kind(models.TextChoices):
        """What was decided or reported."""

        SENT = "sent"
        CONFIRMED = "confirmed"
        ASKED = "asked"
        NOT_OURS = "not_ours"
        MOVED = "moved"
        SET_ASIDE = "set_aside"
        REOPENED = "reopened"
        BLIND = "blind"
        CONFIGURED = "configured"
        WITHDRAWN = "withdrawn"
        VOIDED = "voided"

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="decisions")
    answer = models.ForeignKey(Return, on_delete=models.PROTECT, null=True, related_name="decisions")
    """The return that it is about; None for what is about the form."""
    kind = models.CharField(max_length=16, choices=Kind.choices)
    by = models.TextField()
    at = models.DateTimeField()
    """When it was decided or reported."""
    on = models.DateField(null=True)
    """The local date on which it was done, for what is done outside the program (sent, configured, withdrawn)."""
    variant = models.CharField(max_length=1, blank=True)
    signed_on = models.DateField(null=True)
    """The date beside the signature; None where nobody could say."""
    in_force_from = models.DateField(null=True)
    place = models.TextField(blank=True)
    """The place beside the signature, as a person read it; empty where nobody said."""
    signer = models.TextField(blank=True)
    """The name beside the signature, likewise."""
    note = models.TextField(blank=True)
    """The reason given, or the channel by which it was sent; of a blind answer, whether the page is signed."""
    salt = models.CharField(max_length=32)
    """Random, and part of the digest: once the row is erased, its digest in the events says nothing."""

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class PageDecision(models.Model):
    """What a person decided about a received page: whose it is, or that it is nobody's. Only ever added to."""

    class Kind(models.TextChoices):
        """What was decided."""

        PLACED = "placed"
        NOT_OURS = "not_ours"
        BLANK = "blank"
        REOPENED = "reopened"

    page = models.ForeignKey(ReceivedPage, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    answer = models.ForeignKey(Return, on_delete=models.PROTECT, null=True, related_name="placed")
    """The return that the page became; None unless it was placed."""
    form_page = models.PositiveIntegerField(null=True)
    """Which page of the form it is, counting from 1; None unless it was placed."""
    by = models.TextField()
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    salt = models.CharField(max_length=32)
    """As in `HumanDecision`."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="placed_with_a_return",
                condition=models.Q(kind="placed", answer__isnull=False, form_page__isnull=False)
                | (~models.Q(kind="placed") & models.Q(answer__isnull=True, form_page__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} page {self.page_id}"


class Event(models.Model):
    """One thing that happened. Never changed or deleted: the database itself refuses (see the migrations)."""

    sequence = models.PositiveBigIntegerField(primary_key=True)
    """Counts from 1 without a gap."""
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    """What it happened to: `form:<form id>` or `file:<sha256>`."""
    data = models.JSONField()
    """References and digests, never personal data."""
    actor = models.TextField()
    program_version = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    previous_sha256 = models.CharField(max_length=64, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["subject", "sequence"]),
            models.Index(fields=["sequence"], condition=models.Q(kind="file.retry"), name="event_retries"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind} {self.subject}"

/*
 * Inside the filter: tokens, the table of words, the tree of tests that the
 * parser builds, and the program that runs over columns.
 *
 * A text becomes tokens (filter_scan.c), tokens a tree (filter_parse.c, driven
 * by filter_words[]), a tree a program (filter_program.c) or a text again
 * (filter_print.c, filter_print_ft.c).  A new primitive is a row of filter_words.inc.
 */
#ifndef QUERY_FILTER_PRIVATE_H
#define QUERY_FILTER_PRIVATE_H

#include "query/filter.h"

/* ---- words ---- */

/* Qualifiers, a bit each; a word's column says to which it answers. */
enum {
	DIR_SRC = 1, DIR_DST = 2, DIR_IN = 4, DIR_OUT = 8,
	DIR_NONE = 16,		/* a column of a word that takes no qualifier */
	DIR_ALL = DIR_SRC | DIR_DST | DIR_IN | DIR_OUT,
};

/* Kind of argument: how it is read and printed. */
enum filter_arg {
	ARG_NONE, ARG_NUMBER, ARG_PROTO, ARG_NAME, ARG_FLAGS, ARG_ADDR, ARG_NET, ARG_MAC,
	ARG_TIME, ARG_TEXT, ARG_REGEX, ARG_COUNTRY, ARG_KINDS,
};

/* How the argument is compared with the columns. */
enum filter_how {
	HOW_ANY,		/* true */
	HOW_NUMBER,		/* with a comparator, or in a list; after shift and mask of the row */
	HOW_FLAGS,		/* all of these bits, or the whole byte */
	HOW_ADDR,		/* address, network, or list of them */
	HOW_COUNTRY,		/* of an address */
	HOW_TEXT,		/* equal */
	HOW_CONTENT,		/* contains */
	HOW_REGEX,
	HOW_ELEMENT,		/* the record has the element of the row */
	HOW_IDENT, HOW_COUNT,	/* of the batch, not of a column */
	HOW_PBLOCK,		/* within a NAT port block */
	HOW_TTL_EQUAL,
	HOW_MPLS_EOS,		/* the label at the bottom of the stack */
	HOW_MPLS_ANY,
	HOW_REFUSED,		/* always an error, whose text is the row's `why` */
};

enum {
	WORD_COMPARE = 1,	/* takes > < >= <= */
	WORD_COMPARE_OURS = 2,	/* takes them with us; nfdump 1.7.1 only = */
	WORD_LIST = 4,		/* takes in [ … ] */
	WORD_TCP = 8, WORD_ICMP = 16,	/* implies the protocol */
	WORD_DENIED = 32,	/* implies the firewall event "denied" */
};

struct filter_column {
	uint8_t dir;		/* qualifiers it answers to; 0 ends the list */
	uint8_t field;
};

/* Names of an argument's numbers. */
struct filter_names {
	int (*number)(const char *);		/* or -1; also reads numbers */
	const char *(*name)(uint8_t);		/* NULL: printed as a number */
};

struct filter_word {
	/*
	 * The word and its other spellings, separated by ", "; a spelling may
	 * be of several words.  N at the end of one is a number from 1 to 10
	 * that picks the column.  The first is the one we print.
	 */
	const char *words;
	enum filter_arg arg;
	enum filter_how how;
	unsigned flags;
	struct filter_column columns[4];
	uint8_t standard;	/* qualifier that is meant when there is none; 0: any column matches */
	uint8_t shift;		/* of the value in the column */
	uint64_t mask;		/* of the shifted value, 0: all of it */
	uint64_t max;		/* greatest number, 0: what the column holds */
	uint64_t element;	/* HOW_ELEMENT */
	const char *expects;	/* "a port number", for errors; NULL: as the kind of argument says */
	const struct filter_names *names;
	/*
	 * For nfdump: the spelling that all its versions know, NULL when it
	 * is the one we print; why there is none, NULL when there is one.
	 */
	const char *nfdump;
	const char *why;
	const char *qualifiers, *argument, *example, *meaning;	/* struct filter_help */
};

extern const struct filter_word filter_words[];
extern const size_t filter_words_n;

/* ---- tokens ---- */

enum token_kind {
	T_END, T_WORD, T_QUOTED, T_LABEL, T_COMPARE, T_AND, T_OR, T_NOT,
	T_OPEN, T_CLOSE, T_LIST, T_LIST_END, T_COMMA,
};

enum filter_compare { CMP_EQ, CMP_GT, CMP_LT, CMP_GE, CMP_LE };

struct token {
	enum token_kind kind;
	enum filter_compare compare;
	const char *text;	/* without quotes, in the arena */
	size_t offset, end;	/* in the filter, bytes */
};

/* All tokens, the last a T_END; NULL for a character that begins none. */
struct token *filter_scan(const char *, struct arena *, struct err *);

/* May the character be of a word? */
bool	filter_in_word(char);

/* ERR_INPUT with line and column of the offset in front.  Returns -1. */
int	filter_error(const char *filter, size_t offset, struct err *, const char *fmt, ...)
	    __attribute__((format(printf, 4, 5)));

/* ---- tree ---- */

struct filter_value {
	uint64_t number;	/* also the two letters of a country */
	struct prefix prefix;
	const char *text;
};

struct regex;

struct filter_test {
	const struct filter_word *word;
	uint8_t dir;		/* qualifiers given, 0 when they change nothing */
	bool both;		/* src and dst: both sides must match; dir has both then */
	uint8_t index;		/* of a word that ends in N, from 0 */
	bool list;
	bool letters;		/* flags as letters */
	enum filter_compare compare;
	bool compared;		/* an explicit = before letters */
	const char *options;	/* of a regular expression */
	const struct regex *regex;
	size_t n;
	struct filter_value *values;
};

enum node_kind { NODE_TEST, NODE_NOT, NODE_AND, NODE_OR };

struct filter_node {
	enum node_kind kind;
	struct filter_node *child, *next;	/* NOT has one child, AND and OR two or more */
	struct filter_test *test;
};

struct filter_node *filter_parse(const char *, struct arena *, struct err *);

/* Of a filter that parses: the token behind the operand of "and" that begins with this one. */
const struct token *filter_term_end(const char *, const struct token *, struct arena *);

/* What the parser was about to read when the text ended. */
enum expecting {
	EXPECT_JOIN,		/* a test is complete: "and", "or", … */
	EXPECT_TEST,		/* a test, or what may stand before one */
	EXPECT_REST,		/* more words of a spelling, of which the tokens from `begin` on are there */
	EXPECT_SIDE,		/* after "src or": the other side, in dir */
	EXPECT_VALUE,		/* of `word` */
};

struct expected {
	enum expecting what;
	uint8_t dir;			/* qualifiers that were read */
	const struct filter_word *word;
	bool compared, list, closes;	/* after a comparator; in a list; in parentheses */
	const struct token *begin;	/* NULL: no spelling could go on */
	size_t n;
};

/* What the text may go on with behind its end; false when it is wrong before that. */
bool	filter_expects(const char *text, struct arena *, struct expected *);

/* How many tokens from t on the spelling matches; *rest what of it would follow, "" for nothing. */
size_t	filter_spelling(const struct token *t, const char *spelling, const char **rest, size_t *len);

struct parser {
	struct expected *expected;	/* NULL: nobody asks */
	const char *text;
	const struct token *t;		/* the next token */
	struct arena *arena;
	struct err *err;
	unsigned depth;
};

/* "expected WHAT, not "token"" with the token's place.  Returns -1. */
int	filter_expected(const struct parser *, const struct token *, const char *what);

/* The addresses of a host name as the test's values, where names are allowed: 1; 0 when it is none; -1. */
int	filter_resolve(struct parser *, struct filter_test *);

/* Why the word cannot be used here; NULL: it can. */
const char *filter_refused(const struct filter_word *);

/* May the token be a country?  Some are comparators elsewhere: GE, GT, LE, LT. */
bool	filter_is_country(const struct token *);

/* By kind of argument: reads a value and goes on behind it.  0, or -1. */
extern int (*const filter_value[ARG_KINDS])(struct parser *, struct filter_test *, struct filter_value *);

/* A test alone, as we write it. */
void	filter_print_test(const struct filter_test *, struct strbuf *);

/* Which of word->columns the qualifiers choose: a bit each. */
unsigned filter_columns(const struct filter_word *, uint8_t dir);

/* The numbers from *low to *high that a comparison accepts; false when there are none. */
bool	filter_range(enum filter_compare, uint64_t number, uint64_t *low, uint64_t *high);

/* ---- program ---- */

struct leaf;
struct step;

struct filter {
	const struct filter_node *tree;
	struct fieldset fields;
	struct step *steps;
	size_t n;
	unsigned levels;	/* scratch columns that running needs */
};

void	filter_program(struct filter *, struct arena *);

/*
 * A step's own part: looks at columns of a batch and writes 0 or 1 for each
 * flow (filter_leaf.c).
 */
typedef void leaf_run(const struct leaf *, const struct batch *, uint8_t *out);

struct leaf {
	leaf_run *run;
	uint8_t field, second, third;
	uint64_t present;		/* elements of which the record must have one; 0: always there */
	uint64_t low, span;		/* the value less low is at most span */
	uint64_t mask;			/* of the value after the shift */
	uint8_t shift;
	struct { uint64_t value[2], mask[2]; } addr;	/* in memory order */
	const void *set;		/* sorted numbers, a bitmap of ports or countries, or a struct addr_set */
	size_t n;
	const char *text;
	const struct regex *regex;
};

/* A leaf of HOW_COUNTRY, its field set. */
void	leaf_country(struct leaf *, const struct filter_test *, struct arena *);

/* The leaf for one column of a test. */
struct leaf *leaf_new(const struct filter_test *, enum field, struct arena *);
struct leaf *leaf_byte(enum field, uint8_t value, struct arena *);
void	leaf_fields(const struct leaf *, struct fieldset *);

/* How many of a block's flows match. */
enum share { SHARE_NONE, SHARE_SOME, SHARE_ALL };
enum share leaf_share(const struct leaf *, const struct block_ranges *);
void	leaf_eval(const struct leaf *, const struct batch *, uint8_t *out);

/* ---- regular expressions ---- */

/*
 * A small engine that takes time in proportion to text times pattern, whatever
 * the pattern: ( ) | ^ $ . [ ] ? * + { } and \d \w \s.  Options i, m, s.  NULL with
 * *why set to a constant when the pattern is wrong.
 */
struct regex *regex_compile(const char *pattern, const char *options, struct arena *, const char **why);
bool	regex_search(const struct regex *, const uint8_t *text, size_t len);

#endif
